import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import type { Certificate } from './certificate.ts';
import { type Clock, everyAligned } from './clock.ts';
import { nameOf, type Rule, rule } from './deploy.ts';
import type { Ec2 } from './ec2.ts';
import type { Iam } from './iam.ts';
import type { Lambda } from './lambda.ts';
import type { Metrics } from './metrics.ts';
import { arnOf, type Place } from './place.ts';
import { roleOfToken } from './rds-token.ts';
import { askPassword, CANCEL_REQUEST, parametersOf, readFirst, refuse, SSL_REQUEST } from './rds-wire.ts';

const HOST = 'localhost';
const GIB = 1_024 ** 3;

export interface RdsOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  ec2: Ec2;
  metrics: Metrics;
  lambda: () => Lambda;
  certificate: Certificate;
  /** The real server: its superuser's URL on loopback. It may be down; then so is the database. */
  serverUrl: string;
}

interface Instance {
  id: string;
  resourceId: string;
  iamAuthentication: boolean;
  securityGroups: string[];
  templatePort: number;
  database: string;
  allocatedBytes: number;
}

const instanceProperties = z.object({
  Engine: z.literal('postgres'),
  EngineVersion: z.string().regex(/^18(\.|$)/, 'the local server is PostgreSQL 18'),
  DBInstanceIdentifier: z.string().optional(),
  DBName: z.string(),
  Port: z.coerce.number(),
  EnableIAMDatabaseAuthentication: z.boolean().default(false),
  AllocatedStorage: z.coerce.number(),
  VPCSecurityGroups: z.array(z.string()),
  PubliclyAccessible: z.literal(false),
});

/**
 * The database's front: speaks TLS, lets in who proves by an IAM token that a role allowed to sign in as that user stands
 * behind it, and hands the connection to the real server.
 */
export const startRds = async (options: RdsOptions) => {
  const { place, clock, iam, ec2, metrics, lambda, certificate, serverUrl } = options;
  const server = new URL(serverUrl);
  const connections = new Set<Socket>();
  let instance: Instance | undefined;

  const asSuperuser = async <T>(work: (client: pg.Client) => Promise<T>, database?: string): Promise<T> => {
    const client = new pg.Client({ connectionString: serverUrl, ...(database && { database }) });
    client.on('error', () => {}); // the server may go away at any time; the query then rejects
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  /** Only who was granted `rds_iam` signs in by token; anybody else would be asked for the password nobody has. */
  const signsInByToken = (user: string): Promise<boolean> =>
    asSuperuser(async (client) => {
      const { rows } = await client.query<{ member: boolean }>(
        `select pg_has_role(oid, 'rds_iam', 'member') as member from pg_roles where rolname = $1`,
        [user],
      );
      return rows[0]?.member ?? false;
    });

  /** Why the client may not come in; nothing when it may. */
  const objection = async (to: Instance, user: string, password: string): Promise<string | undefined> => {
    const role = roleOfToken(iam, { user, password, host: HOST, port: portOf(), now: Date.now() });
    if (!to.iamAuthentication || !role || !(await signsInByToken(user))) return 'PAM authentication failed';
    try {
      const resource = arnOf(place, 'rds-db', `dbuser:${to.resourceId}/${user}`);
      iam.authorize({ principal: { role }, action: 'rds-db:connect', resource });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return 'PAM authentication failed';
    }
    const from = lambda().functionUnder(role)?.securityGroups ?? [];
    return ec2.mayReach(from, to.securityGroups, to.templatePort) ? undefined : 'no route';
  };

  const handOver = (client: Duplex, first: Buffer) => {
    const upstream = connect(Number(server.port), server.hostname);
    upstream.write(first);
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  };

  const admit = async (socket: Socket): Promise<void> => {
    const request = await readFirst(socket);
    if (request.code === CANCEL_REQUEST) return handOver(socket, request.message);
    if (request.code !== SSL_REQUEST)
      return refuse(socket, '28000', 'no pg_hba.conf entry for this host, no encryption');
    socket.write('S');
    const client = new TLSSocket(socket, { isServer: true, key: certificate.key, cert: certificate.cert });
    client.on('error', () => socket.destroy());
    const { code, message } = await readFirst(client);
    if (code === CANCEL_REQUEST) return handOver(client, message);
    const { user = '' } = parametersOf(message);
    const password = await askPassword(client);
    if (!instance) return refuse(client, '57P03', 'the database system is starting up');
    const why = await objection(instance, user, password);
    // A packet that no security group lets through is not answered at all.
    if (why === 'no route') return;
    if (why) return refuse(client, '28000', `${why} for user "${user}"`);
    handOver(client, message);
  };

  const listener = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    admit(socket).catch(() => socket.destroy());
  });
  await new Promise<void>((listening, failed) => {
    listener.once('error', failed).listen(0, '127.0.0.1', listening);
  });
  const portOf = (): number => (listener.address() as AddressInfo).port;

  const publish = async () => {
    if (!instance) return;
    const { id, database, allocatedBytes } = instance;
    const dimensions = { DBInstanceIdentifier: id };
    metrics.put({ namespace: 'AWS/RDS', name: 'DatabaseConnections', dimensions }, connections.size);
    const used = await asSuperuser(async (client) => {
      const { rows } = await client.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
      return Number(rows[0]?.bytes ?? 0);
    }, database).catch(() => undefined);
    if (used === undefined) return; // the server is down, and says nothing, as in AWS
    metrics.put({ namespace: 'AWS/RDS', name: 'FreeStorageSpace', dimensions }, allocatedBytes - used);
  };

  return {
    /** Publishes the instance's metrics once a minute; the answer stops it. */
    start: (): (() => void) => everyAligned(clock, 60_000, 0, publish),

    stop: (): Promise<void> =>
      new Promise((closed) => {
        for (const socket of connections) socket.destroy();
        listener.close(() => closed());
      }),

    rules: {
      'AWS::RDS::DBSubnetGroup': rule(z.object({ SubnetIds: z.array(z.string()).min(2) }), (_, declared) => ({
        ref: nameOf(declared).toLowerCase(),
      })),
      'AWS::RDS::DBInstance': rule(instanceProperties, (properties, declared) => {
        if (instance) throw new Error('the local run has one database instance');
        const id = properties.DBInstanceIdentifier ?? nameOf(declared).toLowerCase();
        instance = {
          id,
          resourceId: 'db-LOCAL',
          iamAuthentication: properties.EnableIAMDatabaseAuthentication,
          securityGroups: properties.VPCSecurityGroups,
          templatePort: properties.Port,
          database: properties.DBName,
          allocatedBytes: properties.AllocatedStorage * GIB,
        };
        const attributes = { DbiResourceId: 'db-LOCAL', 'Endpoint.Address': HOST, 'Endpoint.Port': String(portOf()) };
        return { ref: id, attributes: { ...attributes, DBInstanceArn: arnOf(place, 'rds', `db:${id}`) } };
      }),
    } satisfies Record<string, Rule>,
  };
};
