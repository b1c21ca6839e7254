import { Annotations, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import type { StoreLocation } from '../database/store-location.ts';
import { InvalidSettings } from '../settings.ts';
import { requireHere } from './place.ts';

/**
 * Throws `InvalidSettings` when functions of this stack could not use the network, the database or the bucket. Warns
 * where that depends on what the app does not say.
 */
export function validateStoreLocation(scope: Construct, location: StoreLocation): void {
  const { vpc, database, retainedPayloads } = location;
  // A VPC may be shared with this account.
  requireHere(scope, { what: 'The VPC', resource: vpc, because: REACH, aspects: ['region'] });
  requireHere(scope, { what: 'The database', resource: database, because: REACH });
  requireHere(scope, {
    what: 'The bucket of retained payloads',
    resource: retainedPayloads,
    because: 'Lambda only retains payloads in a bucket of its own',
    aspects: ['account'],
  });
  validateSubnets(location);
  validateServer(database);
  if (database.connections.securityGroups.length === 0) {
    Annotations.of(scope).addWarningV2(
      'toolwatch:databaseFirewall',
      'The database states no security group, so no rule lets the functions in; state securityGroups where you import ' +
        'it, or let the security group DatabaseClients of this construct in.',
    );
  }
}

const REACH = 'functions only reach one of their own';

function validateSubnets({ vpc, subnets = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }: StoreLocation): void {
  try {
    vpc.selectSubnets(subnets);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidSettings(`The VPC has no such subnets; state store.subnets. ${reason}`);
  }
}

const ENGINES = ['postgres', 'aurora-postgresql'];
const MIN_VERSION = 18;

/** What the resource of a database shows that this app deploys. */
interface Server {
  readonly engine?: unknown;
  readonly engineVersion?: unknown;
  readonly iam?: unknown;
  readonly source?: unknown;
}

const readServer = ({ node }: StoreLocation['database']): Server | undefined => {
  const { defaultChild: server } = node;
  if (!(server instanceof rds.CfnDBInstance || server instanceof rds.CfnDBCluster)) return undefined;
  return Stack.of(server).resolve({
    engine: server.engine,
    engineVersion: server.engineVersion,
    iam: server.enableIamDatabaseAuthentication,
    source:
      server instanceof rds.CfnDBInstance ? server.sourceDbInstanceIdentifier : server.replicationSourceIdentifier,
  });
};

/** Throws `InvalidSettings` for a server of this app that could not be the store's. */
function validateServer(database: StoreLocation['database']): void {
  const server = readServer(database);
  if (!server) return;
  const { engine, engineVersion, iam, source } = server;
  const what = `The database ${database.node.path}`;
  if (source !== undefined) {
    throw new InvalidSettings(`${what} is a read replica, which takes no calls; give the database that is its source.`);
  }
  if (typeof engine === 'string' && !ENGINES.includes(engine)) {
    throw new InvalidSettings(`${what} is ${engine}; the store needs PostgreSQL ${MIN_VERSION}.`);
  }
  const major = typeof engineVersion === 'string' ? Number.parseInt(engineVersion, 10) : Number.NaN;
  if (major < MIN_VERSION) {
    throw new InvalidSettings(
      `${what} is PostgreSQL ${engineVersion}; the store needs ${MIN_VERSION}, so write a newer engine version.`,
    );
  }
  if (iam !== true) {
    throw new InvalidSettings(
      `${what} does not accept IAM tokens, with which functions sign in; write iamAuthentication: true.`,
    );
  }
}
