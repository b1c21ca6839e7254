import * as z from 'zod';

/** What the template may say of a database server and of a proxy before it. */

export const subnetProperties = z.object({ SubnetIds: z.array(z.string()).min(2) });

const POSTGRES_18 = z.string().regex(/^18(\.|$)/, 'the local server is PostgreSQL 18');

export const ownServer = z.object({
  Engine: z.literal('postgres'),
  EngineVersion: POSTGRES_18,
  DBInstanceIdentifier: z.string().optional(),
  DBName: z.string(),
  Port: z.coerce.number(),
  EnableIAMDatabaseAuthentication: z.boolean().default(false),
  AllocatedStorage: z.coerce.number(),
  VPCSecurityGroups: z.array(z.string()),
  PubliclyAccessible: z.literal(false),
});

export const partOfCluster = z.object({
  Engine: z.literal('aurora-postgresql'),
  DBClusterIdentifier: z.string(),
  DBInstanceIdentifier: z.string().optional(),
  DBInstanceClass: z.literal('db.serverless'),
  PubliclyAccessible: z.literal(false),
});

export const clusterProperties = z.object({
  Engine: z.literal('aurora-postgresql'),
  EngineVersion: POSTGRES_18,
  DBClusterIdentifier: z.string().optional(),
  DatabaseName: z.string(),
  Port: z.coerce.number(),
  EnableIAMDatabaseAuthentication: z.boolean().default(false),
  ServerlessV2ScalingConfiguration: z.object({ MinCapacity: z.number(), MaxCapacity: z.number() }),
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
