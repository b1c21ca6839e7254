import * as cdk from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { InvalidSettings } from '../settings.ts';
import { allowToConnect, connectArn, type DatabaseAccess } from './database.ts';
import { DATABASE_NAME, GIB, type MonitoredDatabase } from './database-server.ts';
import type { StoreLocation } from './store-location.ts';

type StoreDatabase = StoreLocation['database'];

const isCluster = (database: StoreDatabase): database is rds.IDatabaseCluster => 'clusterIdentifier' in database;

/** What an app states of a database that it imports; the CDK throws for what it does not. */
function readStated<Value>(word: string, read: () => Value | undefined): Value {
  try {
    const value = read();
    if (value !== undefined) return value;
  } catch {
    // As if it were undefined.
  }
  throw new InvalidSettings(`The database has no ${word}; state it where you import the database.`);
}

const resourceIdOf = (database: StoreDatabase): string =>
  isCluster(database)
    ? readStated('clusterResourceIdentifier', () => database.clusterResourceIdentifier)
    : readStated('instanceResourceId', () => database.instanceResourceId);

const endpointOf = (database: StoreDatabase): rds.Endpoint =>
  isCluster(database)
    ? readStated('clusterEndpointAddress and port', () => database.clusterEndpoint)
    : database.instanceEndpoint;

/** How functions reach a database of another app, and sign in to it. Throws `InvalidSettings` for what is not stated. */
export function accessToStore({ database, diskGb = 0 }: StoreLocation): DatabaseAccess {
  const resourceId = resourceIdOf(database);
  const endpoint = endpointOf(database);
  return {
    variables: (user) => ({
      DATABASE_HOST: endpoint.hostname,
      DATABASE_PORT: cdk.Tokenization.stringifyNumber(endpoint.port),
      DATABASE_NAME,
      DATABASE_USER: user,
      DATABASE_CA_FILE: '/var/task/rds-ca.pem',
    }),
    signInAs: (...users) => allowToConnect(users.map((user) => connectArn(cdk.Stack.of(database), resourceId, user))),
    diskBytes: diskGb * GIB,
  };
}

/** RDS stores identifiers in lower case, and so do the dimensions of its metrics. */
const toDimension = (identifier: string): string =>
  cdk.Token.isUnresolved(identifier) ? identifier : identifier.toLowerCase();

/** The limits of a cluster that scales automatically, where this app deploys it. */
function capacityOf({ node }: StoreDatabase): MonitoredDatabase['capacity'] | undefined {
  const { defaultChild } = node;
  if (!(defaultChild instanceof rds.CfnDBCluster)) return undefined;
  const scaling = cdk.Stack.of(defaultChild).resolve(defaultChild.serverlessV2ScalingConfiguration);
  const { minCapacity: min, maxCapacity: max } = scaling ?? {};
  return typeof min === 'number' && typeof max === 'number' ? { min, max } : undefined;
}

/** What the alarms on a database of another app need to know. */
export function monitoredDatabase({ database, databaseClass, diskGb = 0 }: StoreLocation): MonitoredDatabase {
  const capacity = capacityOf(database);
  return {
    dimension: isCluster(database)
      ? { DBClusterIdentifier: toDimension(database.clusterIdentifier) }
      : { DBInstanceIdentifier: toDimension(database.instanceIdentifier) },
    diskBytes: isCluster(database) ? 0 : diskGb * GIB,
    ...(capacity && { capacity }),
    isBurstable: !isCluster(database) && (databaseClass?.isBurstable() ?? false),
    isOurs: false,
  };
}
