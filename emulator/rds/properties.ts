import * as z from 'zod';

/**
 * What the template may say of a database server and of a proxy before it. What would change who comes in, or how the server
 * behaves, and is not known here (a password, parameters, a snapshot to begin with, …) is refused and not ignored.
 */

export const subnetProperties = z.strictObject({
  DBSubnetGroupDescription: z.string().optional(),
  SubnetIds: z.array(z.string()).min(2),
});

const POSTGRES_18 = z.string().regex(/^18(\.|$)/, 'the local server is PostgreSQL 18');

/** Backups, disks, zones and upgrades: of no consequence on one machine. */
const kept = {
  BackupRetentionPeriod: z.int().optional(),
  CopyTagsToSnapshot: z.boolean().optional(),
  DeletionProtection: z.boolean().optional(),
  StorageEncrypted: z.boolean().optional(),
};
const watched = {
  AutoMinorVersionUpgrade: z.boolean().optional(),
  EnablePerformanceInsights: z.boolean().optional(),
};
const owner = {
  MasterUsername: z.string().optional(),
  MasterUserAuthenticationType: z.literal('iam-db-auth', 'only an owner who signs in by IAM is known here').optional(),
};

export const ownServer = z.strictObject({
  ...kept,
  ...watched,
  ...owner,
  Engine: z.literal('postgres'),
  EngineVersion: POSTGRES_18,
  DBInstanceIdentifier: z.string().optional(),
  DBInstanceClass: z.string().optional(),
  DBName: z.string(),
  DBSubnetGroupName: z.string().optional(),
  Port: z.coerce.number(),
  EnableIAMDatabaseAuthentication: z.boolean().default(false),
  AllocatedStorage: z.coerce.number(),
  MaxAllocatedStorage: z.int().optional(),
  StorageType: z.string().optional(),
  MultiAZ: z.boolean().optional(),
  CACertificateIdentifier: z.string().optional(),
  VPCSecurityGroups: z.array(z.string()),
  PubliclyAccessible: z.literal(false),
});

export const partOfCluster = z.strictObject({
  ...watched,
  Engine: z.literal('aurora-postgresql'),
  DBClusterIdentifier: z.string(),
  DBInstanceIdentifier: z.string().optional(),
  DBInstanceClass: z.literal('db.serverless'),
  PubliclyAccessible: z.literal(false),
});

export const clusterProperties = z.strictObject({
  ...kept,
  ...owner,
  Engine: z.literal('aurora-postgresql'),
  EngineVersion: POSTGRES_18,
  DBClusterIdentifier: z.string().optional(),
  DBSubnetGroupName: z.string().optional(),
  DatabaseName: z.string(),
  Port: z.coerce.number(),
  EnableIAMDatabaseAuthentication: z.boolean().default(false),
  ServerlessV2ScalingConfiguration: z.strictObject({ MinCapacity: z.number(), MaxCapacity: z.number() }),
  VpcSecurityGroupIds: z.array(z.string()),
});

export const proxyProperties = z.strictObject({
  DBProxyName: z.string(),
  EngineFamily: z.literal('POSTGRESQL'),
  DefaultAuthScheme: z.literal('IAM_AUTH', 'only a proxy that is IAM from end to end is known here'),
  RequireTLS: z.boolean().default(false),
  RoleArn: z.string(),
  VpcSubnetIds: z.array(z.string()).min(2),
  VpcSecurityGroupIds: z.array(z.string()),
});

export const targetProperties = z.strictObject({
  DBProxyName: z.string(),
  TargetGroupName: z.literal('default'),
  DBInstanceIdentifiers: z.array(z.string()).default([]),
  DBClusterIdentifiers: z.array(z.string()).default([]),
  ConnectionPoolConfigurationInfo: z
    .strictObject({ MaxConnectionsPercent: z.number(), MaxIdleConnectionsPercent: z.number() })
    .optional(),
});
