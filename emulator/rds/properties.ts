import * as z from 'zod';

/**
 * The properties of a database server and of a proxy. Any other that would change who can connect or how the server
 * behaves (a password, parameters, a snapshot to restore, …) is refused, never ignored.
 */

export const subnetGroupProperties = z.strictObject({
  DBSubnetGroupDescription: z.string().optional(),
  SubnetIds: z.array(z.string()).min(2),
});

const POSTGRES_18 = z.string().regex(/^18(\.|$)/, 'the emulator runs PostgreSQL 18');

/** Accepted and without effect on one machine: backups, encryption, upgrades. */
const storage = {
  BackupRetentionPeriod: z.int().optional(),
  CopyTagsToSnapshot: z.boolean().optional(),
  DeletionProtection: z.boolean().optional(),
  StorageEncrypted: z.boolean().optional(),
};
const maintenance = {
  AutoMinorVersionUpgrade: z.boolean().optional(),
  EnablePerformanceInsights: z.boolean().optional(),
};
const owner = {
  MasterUsername: z.string().optional(),
  MasterUserAuthenticationType: z
    .literal('iam-db-auth', 'the emulator supports only an owner who signs in by IAM')
    .optional(),
};

export const instanceProperties = z.strictObject({
  ...storage,
  ...maintenance,
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

export const clusterInstanceProperties = z.strictObject({
  ...maintenance,
  Engine: z.literal('aurora-postgresql'),
  DBClusterIdentifier: z.string(),
  DBInstanceIdentifier: z.string().optional(),
  DBInstanceClass: z.literal('db.serverless'),
  PubliclyAccessible: z.literal(false),
});

export const clusterProperties = z.strictObject({
  ...storage,
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
  DefaultAuthScheme: z.literal('IAM_AUTH', 'the emulator supports only a proxy with IAM from end to end'),
  RequireTLS: z.boolean().default(false),
  RoleArn: z.string(),
  VpcSubnetIds: z.array(z.string()).min(2),
  VpcSecurityGroupIds: z.array(z.string()),
});

export const targetGroupProperties = z.strictObject({
  DBProxyName: z.string(),
  TargetGroupName: z.literal('default'),
  DBInstanceIdentifiers: z.array(z.string()).default([]),
  DBClusterIdentifiers: z.array(z.string()).default([]),
  ConnectionPoolConfigurationInfo: z
    .strictObject({ MaxConnectionsPercent: z.number(), MaxIdleConnectionsPercent: z.number() })
    .optional(),
});
