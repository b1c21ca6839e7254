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
const maySignIn = (...at: string[]) => ({
  Effect: 'Allow',
  Action: 'rds-db:connect',
  Resource: at.flatMap((resourceId) =>
    ['toolwatch_owner', 'passworded'].map(
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
  await admin.query('create role passworded login');
  await admin.end();
  certificate = await makeCertificate();
  iam = createIam(PLACE, () => {});
  const ec2 = createEc2();
  const group = { stack: 'S', logicalId: 'G', properties: {} };
  const { ref: firewall } = await ec2.handlers['AWS::EC2::SecurityGroup'](group);
  const open = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 };
  await ec2.handlers['AWS::EC2::SecurityGroupEgress']({
    ...group,
    properties: { ...open, GroupId: 'clients', DestinationSecurityGroupId: firewall },
  });
  await ec2.handlers['AWS::EC2::SecurityGroupIngress']({
    ...group,
    properties: { ...open, GroupId: firewall, SourceSecurityGroupId: 'clients' },
  });
  await ec2.handlers['AWS::EC2::SecurityGroupEgress']({
    ...group,
    properties: { ...open, GroupId: firewall, DestinationSecurityGroupId: firewall },
  });
  await ec2.handlers['AWS::EC2::SecurityGroupIngress']({
    ...group,
    properties: { ...open, GroupId: firewall, SourceSecurityGroupId: firewall },
  });
  for (const { Properties: properties } of [
    aRole('owner', [maySignIn('db-LOCAL', 'prx-LOCAL')]),
    aRole('stranger', [maySignIn('db-LOCAL')]),
    aRole('proxy', [maySignIn('db-LOCAL')], 'rds.amazonaws.com'),
  ]) {
    await iam.rules['AWS::IAM::Role']({ stack: 'S', logicalId: 'R', properties });
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
    serverUrl: postgres.url,
  });
  const { ref, attributes } = await rds.rules['AWS::RDS::DBInstance']({
    stack: 'S',
    logicalId: 'D',
    properties: {
      Engine: 'postgres',
      EngineVersion: '18',
      DBName: 'toolwatch',
      Port: '5432',
      EnableIAMDatabaseAuthentication: true,
      AllocatedStorage: '20',
      VPCSecurityGroups: [firewall],
      PubliclyAccessible: false,
    },
  });
  port = Number(attributes?.['Endpoint.Port']);
  await rds.rules['AWS::RDS::DBProxy']({
    stack: 'S',
    logicalId: 'P',
    properties: {
      DBProxyName: 'proxy',
      EngineFamily: 'POSTGRESQL',
      DefaultAuthScheme: 'IAM_AUTH',
      RequireTLS: true,
      RoleArn: `arn:aws:iam::${PLACE.account}:role/proxy`,
      VpcSubnetIds: ['a', 'b'],
      VpcSecurityGroupIds: [firewall],
    },
  });
  await rds.rules['AWS::RDS::DBProxyTargetGroup']({
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
  /** The host the token is for. */
  tokenHost?: string;
  role?: string;
  options?: string;
  user?: string;
  /** Whom the token is for. */
  tokenUser?: string;
  secretAccessKey?: string;
  ssl?: pg.ClientConfig['ssl'];
  password?: string;
}

/** The name the server knows us by, or why it did not let us in. */
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
    return (await client.query('select current_user as me')).rows[0].me;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => {});
  }
};

test('a token of a role that may sign in opens the real server, as that user', async () => {
  expect(await signIn()).toBe('toolwatch_owner');
});

test.each([
  ['a password', { password: 'secret' }],
  ['a token signed with another secret', { secretAccessKey: 'x'.repeat(40) }],
  ['a token for somebody else', { tokenUser: 'passworded' }],
  ['a token for a user whom the role may not be', { user: 'postgres' }],
  ['a user who was not granted rds_iam', { user: 'passworded' }],
])('%s opens nothing', async (_, how: SignIn) => {
  expect(await signIn(how)).toMatch(/^PAM authentication failed for user/);
});

test('a connection without TLS is refused', async () => {
  expect(await signIn({ ssl: false })).toContain('no encryption');
});

test('the certificate is one that only those trust who were told of its authority', async () => {
  expect(await signIn({ ssl: true })).toMatch(/self.signed|unable to verify/i);
});

test('a server that is down lets nobody in, and its front stays', async () => {
  const here = Number(new URL(postgres.url).port);
  await postgres.stop();
  expect(await signIn()).not.toBe('toolwatch_owner');
  postgres = await startPostgres({ folder: join(folder, 'postgres'), port: here });
  expect(await signIn()).toBe('toolwatch_owner');
});

const PROXY = '127.0.0.1';

test('a proxy lets in who may sign in at it, and goes to the server under its own role', async () => {
  expect(await signIn({ host: PROXY })).toBe('toolwatch_owner');
});

test.each([
  ['a token for the server', { tokenHost: 'localhost' }],
  ['a role that may sign in at the server only', { role: `arn:aws:iam::${PLACE.account}:role/stranger` }],
])('%s opens no proxy', async (_, how: SignIn) => {
  expect(await signIn({ host: PROXY, ...how })).toBe(
    'The IAM authentication failed for the role toolwatch_owner. Check the IAM token for this role and try again.',
  );
});

test('a proxy takes no options from the command line; the server does', async () => {
  const options = '-c statement_timeout=5s';
  expect(await signIn({ host: PROXY, options })).toContain("RDS Proxy currently doesn't support command-line options");
  expect(await signIn({ options })).toBe('toolwatch_owner');
});

test('a proxy does not pass on a wish to cancel; the server does', async () => {
  const credentials = iam.credentialsOf(ROLE);
  const cancelled = async (host: string): Promise<string> => {
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
    const asleep = sleeper.query("select pg_sleep(0.5), 'slept' as how").then(
      ({ rows }) => String(rows[0].how),
      (error: Error) => error.message,
    );
    const { processID, secretKey } = sleeper as unknown as { processID: number; secretKey: number };
    const request = Buffer.alloc(16);
    for (const [index, word] of [16, 80_877_102, processID, secretKey].entries()) request.writeInt32BE(word, index * 4);
    const socket = connect(port, '127.0.0.1');
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    await once(socket, 'data');
    const wish = tlsConnect({ socket, ...ssl, ...(host === 'localhost' && { servername: host }) });
    wish.resume();
    await once(wish, 'secureConnect');
    wish.write(request);
    await once(wish, 'close');
    const how = await asleep;
    await sleeper.end();
    return how;
  };
  expect(await cancelled(PROXY)).toBe('slept');
  expect(await cancelled('localhost')).toBe('canceling statement due to user request');
});
