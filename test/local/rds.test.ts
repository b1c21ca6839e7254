import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Signer } from '@aws-sdk/rds-signer';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Certificate, makeCertificate } from '../../local/certificate.ts';
import { realClock } from '../../local/clock.ts';
import { createEc2 } from '../../local/ec2.ts';
import { createIam, type Iam } from '../../local/iam.ts';
import type { Lambda } from '../../local/lambda.ts';
import { createMetrics } from '../../local/metrics.ts';
import { makeDatabase, startPostgres } from '../../local/postgres.ts';
import { startRds } from '../../local/rds.ts';
import { aRole, PLACE } from '../support/tiny-cloud.ts';

const ROLE = `arn:aws:iam::${PLACE.account}:role/owner`;
const MAY_SIGN_IN = {
  Effect: 'Allow',
  Action: 'rds-db:connect',
  Resource: ['toolwatch_owner', 'passworded'].map(
    (user) => `arn:aws:rds-db:us-east-1:${PLACE.account}:dbuser:db-LOCAL/${user}`,
  ),
};

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
  const { ref: firewall } = await ec2.rules['AWS::EC2::SecurityGroup'](group);
  const open = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 };
  await ec2.rules['AWS::EC2::SecurityGroupEgress']({
    ...group,
    properties: { ...open, GroupId: 'clients', DestinationSecurityGroupId: firewall },
  });
  await ec2.rules['AWS::EC2::SecurityGroupIngress']({
    ...group,
    properties: { ...open, GroupId: firewall, SourceSecurityGroupId: 'clients' },
  });
  await iam.rules['AWS::IAM::Role']({
    stack: 'S',
    logicalId: 'R',
    properties: aRole('owner', [MAY_SIGN_IN]).Properties,
  });
  rds = await startRds({
    place: PLACE,
    clock: realClock(),
    iam,
    ec2,
    metrics: createMetrics(realClock()),
    lambda: () => ({ functionUnder: () => ({ securityGroups: ['clients'] }) }) as unknown as Lambda,
    certificate,
    serverUrl: postgres.url,
  });
  const { attributes } = await rds.rules['AWS::RDS::DBInstance']({
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
});
afterAll(async () => {
  await rds.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface SignIn {
  user?: string;
  /** Whom the token is for. */
  tokenUser?: string;
  secretAccessKey?: string;
  ssl?: pg.ClientConfig['ssl'];
  password?: string;
}

/** The name the server knows us by, or why it did not let us in. */
const signIn = async ({
  user = 'toolwatch_owner',
  tokenUser = user,
  secretAccessKey,
  password,
  ssl = { ca: certificate.cert },
}: SignIn = {}) => {
  const credentials = { ...iam.credentialsOf(ROLE), ...(secretAccessKey && { secretAccessKey }) };
  const signer = new Signer({ hostname: 'localhost', port, username: tokenUser, region: 'us-east-1', credentials });
  const token = password ?? (await signer.getAuthToken());
  const client = new pg.Client({ host: 'localhost', port, database: 'toolwatch', user, password: token, ssl });
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
