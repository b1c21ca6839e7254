import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { acknowledge } from '../nag.ts';
import type { Settings } from '../settings.ts';

export const DATABASE_NAME = 'toolwatch';
export const DATABASE_PORT = 5432;
export const DATABASE_OWNER = 'toolwatch_owner';

/** The major version; the minor one is AWS's to raise. */
const VERSION = '18';

/** What the alarms on a database go by. */
export interface MonitoredDatabase
  extends Pick<DatabaseServer, 'dimension' | 'diskBytes' | 'capacity' | 'isBurstable'> {
  /** Whether nobody connects but functions of ours. */
  readonly isOurs: boolean;
}

/** A server as the rest sees it, whichever kind it is. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: string;
  /** How IAM names it in the right to connect. */
  readonly resourceId: string;
  /** The dimension of its metrics. */
  readonly dimension: Readonly<Record<string, string>>;
  /** What a proxy puts its connections to. */
  readonly proxyTarget: Pick<rds.CfnDBProxyTargetGroupProps, 'dbInstanceIdentifiers' | 'dbClusterIdentifiers'>;
  /** How large its disk may grow; 0 where that is nobody's worry. */
  readonly diskBytes: number;
  /** Of a server that grows by itself: between these, in capacity units. */
  readonly capacity?: { readonly least: number; readonly most: number };
  /** Whether its processor lives on credit. */
  readonly isBurstable: boolean;
  /** What there must be before anybody connects. */
  readonly ready: cdk.CfnResource;
}

interface Placement {
  readonly subnets: rds.CfnDBSubnetGroup;
  readonly firewall: ec2.ISecurityGroup;
  readonly settings: Settings['database'];
}

/** Signing in by IAM, the owner too; encrypted, backed up, protected from deletion. */
const protectedAndWithoutPassword = {
  masterUsername: DATABASE_OWNER,
  masterUserAuthenticationType: 'iam-db-auth',
  storageEncrypted: true,
  backupRetentionPeriod: 7,
  deletionProtection: true,
};

/** An instance's storage grows by itself up to so many times what it began with. */
const GROWS_TO = 5;
export const GIB = 1_024 ** 3;

/** RDS for PostgreSQL: one instance, with a standby in another zone if wanted. Storage grows by itself, to five times. */
export function createInstanceServer(scope: Construct, { subnets, firewall, settings }: Placement): DatabaseServer {
  const instance = new rds.CfnDBInstance(scope, 'Instance', {
    ...protectedAndWithoutPassword,
    engine: 'postgres',
    engineVersion: VERSION,
    autoMinorVersionUpgrade: true,
    dbInstanceClass: `db.${settings.instance}`,
    dbName: DATABASE_NAME,
    port: String(DATABASE_PORT),
    enableIamDatabaseAuthentication: true,
    allocatedStorage: String(settings.storageGb),
    maxAllocatedStorage: settings.storageGb * GROWS_TO,
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
    diskBytes: settings.storageGb * GROWS_TO * GIB,
    isBurstable: new ec2.InstanceType(settings.instance).isBurstable(),
    ready: instance,
  };
}

/** Aurora PostgreSQL, Serverless v2: it grows and shrinks between two capacities; a second zone is a second instance. */
export function createAuroraServer(scope: Construct, { subnets, firewall, settings }: Placement): DatabaseServer {
  const cluster = new rds.CfnDBCluster(scope, 'Cluster', {
    ...protectedAndWithoutPassword,
    engine: 'aurora-postgresql',
    engineVersion: VERSION,
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
      }),
  );
  for (const instance of instances) {
    instance.applyRemovalPolicy(cdk.RemovalPolicy.DESTROY);
    acknowledge(instance, 'AwsSolutions-RDS10', 'The cluster is protected; its instances hold nothing.');
  }
  acknowledge(cluster, 'AwsSolutions-RDS6', 'Signing in by IAM is the only way there is.');
  return {
    host: cluster.attrEndpointAddress,
    port: cluster.attrEndpointPort,
    resourceId: cluster.attrDbClusterResourceId,
    dimension: { DBClusterIdentifier: cluster.ref },
    proxyTarget: { dbClusterIdentifiers: [cluster.ref] },
    // 256 TiB, and it is not on ours to run out of.
    diskBytes: 0,
    capacity: { least: settings.minCapacity, most: settings.maxCapacity },
    isBurstable: false,
    ready: instances[0] ?? cluster,
  };
}
