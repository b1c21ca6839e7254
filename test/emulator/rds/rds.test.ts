import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { Signer } from '@aws-sdk/rds-signer';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Certificate, makeCertificate } from '../../../emulator/certificate.ts';
import { createRealClock } from '../../../emulator/clock.ts';
import { createMetrics } from '../../../emulator/cloudwatch/metrics.ts';
import { createEc2 } from '../../../emulator/ec2.ts';
import { createIam, type Iam } from '../../../emulator/iam/iam.ts';
import type { Lambda } from '../../../emulator/lambda/lambda.ts';
import { startRds } from '../../../emulator/rds/rds.ts';
import { makeDatabase, startPostgres } from '../../../local/postgres.ts';
import { aRole, PLACE } from '../../support/small-cloud.ts';

const ROLE = `arn:aws:iam::${PLACE.account}:role/owner`;
/** Allows signing in at these servers and proxies, by their resource ids. */
const maySignIn = (...resourceIds: string[]) => ({
  Effect: 'Allow',
  Action: 'rds-db:connect',
  Resource: resourceIds.flatMap((resourceId) =>
    ['toolwatch_owner', 'with_password'].map(
      (user) => `arn:aws:rds-db:us-east-1:${PLACE.account}:dbuser:${resourceId}/${user}`,
    ),
  ),
});

let folder: string;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let rds: Awaited<ReturnType<typeof startRds>>;
let iam: Iam;
let certificate: Certificate;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'toolwatch-rds-'));
  chmodSync(folder, 0o755);
  postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 });
  await makeDatabase(postgres);
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query('create role with_password login');
  await admin.end();
  certificate = await makeCertificate();
  iam = createIam(PLACE, () => {});
  const ec2 = createEc2();
  const group = { stack: 'S', logicalId: 'G', properties: {} };
  const { ref: serverGroup } = await ec2.handlers['AWS::EC2::SecurityGroup'](group);
  const open = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 };
  await ec2.handlers['AWS::EC2::SecurityGroupEgress']({
    ...group,
    properties: { ...open, GroupId: 'clients', DestinationSecurityGroupId: serverGroup },
  });
  await ec2.handlers['AWS::EC2::SecurityGroupIngress']({
    ...group,
    properties: { ...open, GroupId: serverGroup, SourceSecurityGroupId: 'clients' },
  });
  await ec2.handlers['AWS::EC2::SecurityGroupEgress']({
    ...group,
    properties: { ...open, GroupId: serverGroup, DestinationSecurityGroupId: serverGroup },
  });
  await ec2.handlers['AWS::EC2::SecurityGroupIngress']({
    ...group,
    properties: { ...open, GroupId: serverGroup, SourceSecurityGroupId: serverGroup },
  });
  for (const { Properties: properties } of [
    aRole('owner', [maySignIn('db-LOCAL', 'prx-LOCAL')]),
    aRole('server-only', [maySignIn('db-LOCAL')]),
    aRole('proxy', [maySignIn('db-LOCAL')], 'rds.amazonaws.com'),
  ]) {
    await iam.handlers['AWS::IAM::Role']({ stack: 'S', logicalId: 'R', properties });
  }
  rds = await startRds({
    place: PLACE,
    clock: createRealClock(),
    iam,
    ec2,
    metrics: createMetrics(createRealClock()),
    lambda: () =>
      ({ functionUnder: () => ({ latest: { configuration: { securityGroups: ['clients'] } } }) }) as unknown as Lambda,
    certificate,
    serverUrl: postgres.socketUrl,
  });
  const { ref, attributes } = await rds.handlers['AWS::RDS::DBInstance']({
    stack: 'S',
    logicalId: 'D',
    properties: {
      Engine: 'postgres',
      EngineVersion: '18',
      DBName: 'toolwatch',
      Port: '5432',
      EnableIAMDatabaseAuthentication: true,
      AllocatedStorage: '20',
      VPCSecurityGroups: [serverGroup],
      PubliclyAccessible: false,
    },
  });
  port = Number(attributes?.['Endpoint.Port']);
  await rds.handlers['AWS::RDS::DBProxy']({
    stack: 'S',
    logicalId: 'P',
    properties: {
      DBProxyName: 'proxy',
      EngineFamily: 'POSTGRESQL',
      DefaultAuthScheme: 'IAM_AUTH',
      RequireTLS: true,
      RoleArn: `arn:aws:iam::${PLACE.account}:role/proxy`,
      VpcSubnetIds: ['a', 'b'],
      VpcSecurityGroupIds: [serverGroup],
    },
  });
  await rds.handlers['AWS::RDS::DBProxyTargetGroup']({
    stack: 'S',
    logicalId: 'T',
    properties: { DBProxyName: 'proxy', TargetGroupName: 'default', DBInstanceIdentifiers: [ref] },
  });
});
afterAll(async () => {
  await rds.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface SignIn {
  host?: string;
  /** The host that the token is for; by default `host`. */
  tokenHost?: string;
  role?: string;
  options?: string;
  user?: string;
  /** The user that the token is for; by default `user`. */
  tokenUser?: string;
  secretAccessKey?: string;
  ssl?: pg.ClientConfig['ssl'];
  password?: string;
}

/** The user that the session runs as, or the error that the server sent. */
const signIn = async ({
  host = 'localhost',
  tokenHost = host,
  role = ROLE,
  options,
  user = 'toolwatch_owner',
  tokenUser = user,
  secretAccessKey,
  password,
  ssl = { ca: certificate.cert },
}: SignIn = {}) => {
  const credentials = { ...iam.credentialsOf(role), ...(secretAccessKey && { secretAccessKey }) };
  const signer = new Signer({ hostname: tokenHost, port, username: tokenUser, region: 'us-east-1', credentials });
  const token = password ?? (await signer.getAuthToken());
  const client = new pg.Client({
    host,
    port,
    database: 'toolwatch',
    user,
    password: token,
    ssl,
    ...(options && { options }),
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query('select current_user as name')).rows[0].name;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => {});
  }
};

test('a token of a role that may sign in opens a session as that user', async () => {
  expect(await signIn()).toBe('toolwatch_owner');
});

test.each([
  ['a password', { password: 'secret' }],
  ['a token signed with another secret', { secretAccessKey: 'x'.repeat(40) }],
  ['a token for another user', { tokenUser: 'with_password' }],
  ['a token for a user that the role may not sign in as', { user: 'postgres' }],
  ['a token for a user without rds_iam', { user: 'with_password' }],
])('%s opens no session', async (_, attempt: SignIn) => {
  expect(await signIn(attempt)).toMatch(/^PAM authentication failed for user/);
});

test('a connection without TLS is refused', async () => {
  expect(await signIn({ ssl: false })).toContain('no encryption');
});

test('only a client that trusts the emulator’s authority trusts its certificate', async () => {
  expect(await signIn({ ssl: true })).toMatch(/self.signed|unable to verify/i);
});

test('no client can sign in while the server is down, and the front survives it', async () => {
  const stopped = once(postgres.process, 'exit');
  postgres.process.kill('SIGINT');
  await stopped;
  expect(await signIn()).not.toBe('toolwatch_owner');
  postgres = await startPostgres({ folder: join(folder, 'postgres'), port: postgres.port });
  expect(await signIn()).toBe('toolwatch_owner');
});

const PROXY = '127.0.0.1';

test('a proxy admits a role that may sign in at it, and signs in at the server under its own role', async () => {
  expect(await signIn({ host: PROXY })).toBe('toolwatch_owner');
});

test.each([
  ['a token for the server', { tokenHost: 'localhost' }],
  ['a role that may sign in at the server only', { role: `arn:aws:iam::${PLACE.account}:role/server-only` }],
])('%s opens no session at the proxy', async (_, attempt: SignIn) => {
  expect(await signIn({ host: PROXY, ...attempt })).toBe(
    'The IAM authentication failed for the role toolwatch_owner. Check the IAM token for this role and try again.',
  );
});

test('a proxy accepts no command-line options; the server does', async () => {
  const options = '-c statement_timeout=5s';
  expect(await signIn({ host: PROXY, options })).toContain("RDS Proxy currently doesn't support command-line options");
  expect(await signIn({ options })).toBe('toolwatch_owner');
});

test('a proxy ignores a cancel request; the server obeys it', async () => {
  const credentials = iam.credentialsOf(ROLE);
  const outcomeOfCancelling = async (host: string): Promise<string> => {
    const signer = new Signer({ hostname: host, port, username: 'toolwatch_owner', region: 'us-east-1', credentials });
    const ssl = { ca: certificate.cert };
    const sleeper = new pg.Client({
      host,
      port,
      database: 'toolwatch',
      user: 'toolwatch_owner',
      password: await signer.getAuthToken(),
      ssl,
    });
    sleeper.on('error', () => {});
    await sleeper.connect();
    const sleeping = sleeper.query("select pg_sleep(0.5), 'slept' as outcome").then(
      ({ rows }) => String(rows[0].outcome),
      (error: Error) => error.message,
    );
    const { processID, secretKey } = sleeper as unknown as { processID: number; secretKey: number };
    const request = Buffer.alloc(16);
    for (const [index, word] of [16, 80_877_102, processID, secretKey].entries()) request.writeInt32BE(word, index * 4);
    const socket = connect(port, '127.0.0.1');
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    await once(socket, 'data');
    const cancelClient = tlsConnect({ socket, ...ssl, ...(host === 'localhost' && { servername: host }) });
    cancelClient.resume();
    await once(cancelClient, 'secureConnect');
    cancelClient.write(request);
    await once(cancelClient, 'close');
    const outcome = await sleeping;
    await sleeper.end();
    return outcome;
  };
  expect(await outcomeOfCancelling(PROXY)).toBe('slept');
  expect(await outcomeOfCancelling('localhost')).toBe('canceling statement due to user request');
});
