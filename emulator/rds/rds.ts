import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import type { Certificate } from '../certificate.ts';
import { type Clock, repeatAligned } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Ec2 } from '../ec2.ts';
import type { Iam } from '../iam/iam.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Place } from '../place.ts';
import { createEntry, type Objection } from './entry.ts';
import { publishDatabase } from './metrics.ts';
import { overhearing, pinReason } from './pinning.ts';
import { createServers, type DatabaseProxy, type DatabaseServer, SERVER_HOST } from './servers.ts';
import { askPassword, CANCEL_REQUEST, parametersOf, readFirst, refuse, SSL_REQUEST } from './wire.ts';

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

/** What a proxy refuses before anybody asks who comes: documented under "RDS Proxy limitations". */
const unsupported = ({ options, replication }: Record<string, string>): string | undefined => {
  if (options) return "Feature not supported: RDS Proxy currently doesn't support command-line options";
  if (replication) return "Feature not supported: RDS Proxy currently doesn't support replication";
  return undefined;
};

/**
 * The database's front, and a proxy's where there is one: speaks TLS, lets in who proves by an IAM token that a role
 * allowed to sign in as that user stands behind it, and hands the connection to the real server.
 */
export const startRds = async (options: RdsOptions) => {
  const { place, clock, iam, ec2, metrics, lambda, certificate, serverUrl } = options;
  const real = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const throughProxy = new Set<Duplex>();
  /** Clients a proxy keeps one connection for, and why. */
  const pinned = new Map<Duplex, { user: string; reason: string }>();

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

  const signsInByToken = (user: string): Promise<boolean> =>
    asSuperuser(async (client) => {
      const { rows } = await client.query<{ member: boolean }>(
        `select pg_has_role(oid, 'rds_iam', 'member') as member from pg_roles where rolname = $1`,
        [user],
      );
      return rows[0]?.member ?? false;
    });

  /** How much a database holds, in bytes; nothing when the server is down. */
  const sizeOf = (database: string): Promise<number | undefined> =>
    asSuperuser(async (client) => {
      const { rows } = await client.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
      return Number(rows[0]?.bytes ?? 0);
    }, database).catch(() => undefined);

  const entry = createEntry({ place, iam, ec2, lambda, signsInByToken });

  /** What the client says goes to the server, through `ear` when somebody listens. */
  const handOver = (client: Duplex, first: Buffer, ear?: Duplex) => {
    const upstream = connect(Number(real.port), real.hostname);
    upstream.write(first);
    (ear ? client.pipe(ear) : client).pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  };

  const handOverToProxy = (client: Duplex, first: Buffer, user: string) => {
    throughProxy.add(client);
    client.on('close', () => {
      throughProxy.delete(client);
      pinned.delete(client);
    });
    const ear = overhearing((sql) => {
      const reason = pinned.has(client) ? undefined : pinReason(sql);
      if (reason) pinned.set(client, { user, reason });
    });
    handOver(client, first, ear);
  };

  const settle = (client: Duplex, why: Objection | undefined, goOn: () => void) => {
    if (why === 'no answer') return;
    if (why) return refuse(client, why.sqlstate, why.words);
    goOn();
  };

  const admitTo = async (
    to: DatabaseServer | DatabaseProxy | undefined,
    client: Duplex,
    message: Buffer,
  ): Promise<void> => {
    const parameters = parametersOf(message);
    const { user = '' } = parameters;
    const lacking = to?.kind === 'proxy' ? unsupported(parameters) : undefined;
    if (lacking) return refuse(client, '0A000', lacking);
    const token = await askPassword(client);
    const who = { user, token, port: portOf(), now: Date.now() };
    if (to?.kind === 'proxy') {
      return settle(client, await entry.atProxy(to, who), () => handOverToProxy(client, message, user));
    }
    if (!to?.answers) return refuse(client, '57P03', 'the database system is starting up');
    settle(client, await entry.atServer(to, who), () => handOver(client, message));
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
    const asksForServer = (client as { servername?: string | false | null }).servername === SERVER_HOST;
    const to = asksForServer ? servers.server() : (servers.proxy() ?? servers.server());
    // A proxy does not know which of its connections runs the statement, and passes no wish to cancel on.
    if (code === CANCEL_REQUEST) return to?.kind === 'proxy' ? void client.end() : handOver(client, message);
    return admitTo(to, client, message);
  };

  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    admit(socket).catch(() => socket.destroy());
  });
  await new Promise<void>((listening, failed) => {
    listener.once('error', failed).listen(0, '127.0.0.1', listening);
  });
  const portOf = (): number => (listener.address() as AddressInfo).port;
  const servers = createServers(place, portOf);

  const publish = () => {
    const sessions = { all: sockets.size, throughProxy: throughProxy.size, pinned: pinned.size };
    return publishDatabase({ metrics, servers, sessions, sizeOf });
  };

  return {
    /** Publishes the database's metrics once a minute; the answer stops it. */
    start: (): (() => void) => repeatAligned(clock, 60_000, 0, publish),

    /** Whose sessions hold a connection of the proxy for themselves, and why. */
    pinned: (): { user: string; reason: string }[] => [...pinned.values()],

    stop: (): Promise<void> =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => closed());
      }),

    rules: servers.rules,
  };
};
