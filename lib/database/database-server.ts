import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { acknowledge } from '../nag.ts';
import type { Settings } from '../settings.ts';
import { engineVersionOf } from './engine-version.ts';

export const DATABASE_NAME = 'toolwatch';
export const DATABASE_PORT = 5432;
const DATABASE_OWNER = 'toolwatch_owner';

/** What the alarms on a database need to know. */
export interface MonitoredDatabase
  extends Pick<DatabaseServer, 'dimension' | 'diskBytes' | 'capacity' | 'isBurstable'> {
  /** Whether only our functions connect to it. */
  readonly isOurs: boolean;
}

/** A database server, of whichever kind. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: string;
  /** Its id in ARNs of `rds-db:connect`. */
  readonly resourceId: string;
  /** The dimension of its metrics. */
  readonly dimension: Readonly<Record<string, string>>;
  /** What a proxy connects to. */
  readonly proxyTarget: Pick<rds.CfnDBProxyTargetGroupProps, 'dbInstanceIdentifiers' | 'dbClusterIdentifiers'>;
  /** How large its disk may grow; 0 where that has no practical limit. */
  readonly diskBytes: number;
  /** Of a server that scales automatically: the limits, in capacity units. */
  readonly capacity?: { readonly min: number; readonly max: number };
  /** Whether its processor spends CPU credits. */
  readonly isBurstable: boolean;
  /** The resource that must exist before the first connection. */
  readonly ready: cdk.CfnResource;
}

interface Placement {
  readonly subnets: rds.CfnDBSubnetGroup;
  readonly firewall: ec2.ISecurityGroup;
  readonly settings: Settings['database'];
  /** The ARN of the KMS key for its data; by default AWS's own. */
  readonly key: string | undefined;
}

/** Even the owner signs in by IAM; encrypted, backed up, protected from deletion. */
const PROTECTED_WITHOUT_PASSWORD = {
  masterUsername: DATABASE_OWNER,
  masterUserAuthenticationType: 'iam-db-auth',
  storageEncrypted: true,
  backupRetentionPeriod: 7,
  deletionProtection: true,
};

/** Storage grows automatically, up to this many times its initial size. */
const MAX_GROWTH = 5;
export const GIB = 1_024 ** 3;

/** RDS for PostgreSQL: one instance, with a standby in another zone if the settings ask for one. */
export function createInstanceServer(
  scope: Construct,
  { subnets, firewall, settings, key }: Placement,
): DatabaseServer {
  const instance = new rds.CfnDBInstance(scope, 'Instance', {
    ...PROTECTED_WITHOUT_PASSWORD,
    ...(key && { kmsKeyId: key, performanceInsightsKmsKeyId: key }),
    engine: 'postgres',
    engineVersion: engineVersionOf(settings),
    autoMinorVersionUpgrade: true,
    dbInstanceClass: `db.${settings.instance}`,
    dbName: DATABASE_NAME,
    port: String(DATABASE_PORT),
    enableIamDatabaseAuthentication: true,
    allocatedStorage: String(settings.storageGb),
    maxAllocatedStorage: settings.storageGb * MAX_GROWTH,
    storageType: 'gp3',
    multiAz: settings.multiAz,
    publiclyAccessible: false,
    dbSubnetGroupName: subnets.ref,
    vpcSecurityGroups: [firewall.securityGroupId],
    copyTagsToSnapshot: true,
    enablePerformanceInsights: true,
    caCertificateIdentifier: 'rds-ca-rsa2048-g1',
  });
  instance.applyRemovalPolicy(cdk.RemovalPolicy.SNAPSHOT);
  return {
    host: instance.attrEndpointAddress,
    port: instance.attrEndpointPort,
    resourceId: instance.attrDbiResourceId,
    dimension: { DBInstanceIdentifier: instance.ref },
    proxyTarget: { dbInstanceIdentifiers: [instance.ref] },
    diskBytes: settings.storageGb * MAX_GROWTH * GIB,
    isBurstable: new ec2.InstanceType(settings.instance).isBurstable(),
    ready: instance,
  };
}

/** Aurora PostgreSQL Serverless v2: it scales between two capacities; a second zone is a second instance. */
export function createAuroraServer(scope: Construct, { subnets, firewall, settings, key }: Placement): DatabaseServer {
  const cluster = new rds.CfnDBCluster(scope, 'Cluster', {
    ...PROTECTED_WITHOUT_PASSWORD,
    ...(key && { kmsKeyId: key }),
    engine: 'aurora-postgresql',
    engineVersion: engineVersionOf(settings),
    databaseName: DATABASE_NAME,
    port: DATABASE_PORT,
    enableIamDatabaseAuthentication: true,
    serverlessV2ScalingConfiguration: { minCapacity: settings.minCapacity, maxCapacity: settings.maxCapacity },
    dbSubnetGroupName: subnets.ref,
    vpcSecurityGroupIds: [firewall.securityGroupId],
    copyTagsToSnapshot: true,
  });
  cluster.applyRemovalPolicy(cdk.RemovalPolicy.SNAPSHOT);
  const instances = (settings.multiAz ? ['Writer', 'Standby'] : ['Writer']).map(
    (id) =>
      new rds.CfnDBInstance(scope, id, {
        engine: 'aurora-postgresql',
        dbClusterIdentifier: cluster.ref,
        dbInstanceClass: 'db.serverless',
        publiclyAccessible: false,
        autoMinorVersionUpgrade: true,
        enablePerformanceInsights: true,
        ...(key && { performanceInsightsKmsKeyId: key }),
      }),
  );
  for (const instance of instances) {
    instance.applyRemovalPolicy(cdk.RemovalPolicy.DESTROY);
    acknowledge(instance, 'AwsSolutions-RDS10', 'The cluster is protected; its instances hold no data.');
  }
  acknowledge(cluster, 'AwsSolutions-RDS6', 'IAM is the only way to sign in.');
  return {
    host: cluster.attrEndpointAddress,
    port: cluster.attrEndpointPort,
    resourceId: cluster.attrDbClusterResourceId,
    dimension: { DBClusterIdentifier: cluster.ref },
    proxyTarget: { dbClusterIdentifiers: [cluster.ref] },
    // Aurora's limit is 256 TiB.
    diskBytes: 0,
    capacity: { min: settings.minCapacity, max: settings.maxCapacity },
    isBurstable: false,
    ready: instances[0] ?? cluster,
  };
}
