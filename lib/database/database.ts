import * as cdk from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { DatabaseEnv } from '../../lambdas/contract/env/database.ts';
import type { Variables } from '../../lambdas/contract/env/read-variables.ts';
import { acknowledge } from '../nag.ts';
import { archiveOf } from '../settings/archive-settings.ts';
import type { Settings } from '../settings.ts';
import { addProxy } from './database-proxy.ts';
import {
  createAuroraServer,
  createInstanceServer,
  DATABASE_NAME,
  DATABASE_PORT,
  type DatabaseServer,
} from './database-server.ts';

/** The database users. The server is created with the owner; migrations create the others. */
export type DatabaseUser =
  | 'toolwatch_owner'
  | 'toolwatch_writer'
  | 'toolwatch_refresher'
  | 'toolwatch_reader'
  | 'toolwatch_editor'
  | 'toolwatch_retention'
  | 'toolwatch_jobs'
  | 'toolwatch_archive'
  | 'toolwatch_operator_sql'
  | 'toolwatch_tenant_sql';

/** The users whose connections a proxy may share. */
const FUNCTION_USERS: readonly DatabaseUser[] = [
  'toolwatch_writer',
  'toolwatch_refresher',
  'toolwatch_reader',
  'toolwatch_editor',
  'toolwatch_retention',
  'toolwatch_jobs',
  'toolwatch_archive',
];

/** Those that a function signs in as where these settings are deployed. */
const functionUsersOf = (settings: Settings): DatabaseUser[] => {
  const without: readonly DatabaseUser[] = [
    ...(settings.jobs ? [] : (['toolwatch_jobs'] as const)),
    ...(archiveOf(settings) ? [] : (['toolwatch_archive'] as const)),
  ];
  return FUNCTION_USERS.filter((user) => !without.includes(user));
};

interface DatabaseProps {
  readonly vpc: ec2.IVpc;
  /** The security group of the functions that may connect. */
  readonly clients: ec2.ISecurityGroup;
  readonly settings: Settings;
}

/** What a function needs to use the database. */
export type DatabaseAccess = Pick<Database, 'variables' | 'signInAs' | 'diskBytes'>;

/** Where a user connects, and its id in ARNs of `rds-db:connect`. */
type Endpoint = Pick<DatabaseServer, 'host' | 'port' | 'resourceId'>;

/** PostgreSQL 18 in isolated subnets, without passwords: every user signs in by IAM, even the owner. */
export class Database extends Construct {
  readonly server: DatabaseServer;
  /** How large the disk may grow; 0 where that has no practical limit. */
  readonly diskBytes: number;
  private readonly functionEndpoint: Endpoint;

  constructor(scope: Construct, id: string, { vpc, clients, settings }: DatabaseProps) {
    super(scope, id);
    const firewall = new SecurityGroup(this, 'Firewall', {
      vpc,
      description: 'Lets the functions that may reach the database in',
      allowAllOutbound: false,
    });
    firewall.connections.allowFrom(clients, Port.tcp(DATABASE_PORT), 'PostgreSQL from the functions');
    const subnets = new rds.CfnDBSubnetGroup(this, 'Subnets', {
      dbSubnetGroupDescription: 'Without a route to anywhere',
      subnetIds: vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
    });
    const { kind, proxy } = settings.database;
    const placement = { subnets, firewall, settings: settings.database, key: settings.keys.database };
    this.server = kind === 'aurora' ? createAuroraServer(this, placement) : createInstanceServer(this, placement);
    this.diskBytes = this.server.diskBytes;
    exportIdentifier(this.server);
    const proxyEndpoint = proxy === false ? undefined : this.createProxyEndpoint(vpc, firewall, settings);
    this.functionEndpoint = (proxy === true && proxyEndpoint) || this.server;
    acknowledge(
      this,
      'AwsSolutions-RDS3',
      'A second zone doubles the price, so it is a setting; calls do not wait for the database.',
    );
    acknowledge(this, 'AwsSolutions-RDS11', 'Security group and routes let only the functions reach the port.');
  }

  /** The environment variables with which a function finds the database and signs in as `user`. */
  variables(user: DatabaseUser): Variables<DatabaseEnv> {
    const { host, port } = this.endpointOf(user);
    return {
      DATABASE_HOST: host,
      DATABASE_PORT: port,
      DATABASE_NAME,
      DATABASE_USER: user,
      DATABASE_CA_FILE: '/var/task/rds-ca.pem',
    };
  }

  /** Allows signing in as these users and as no other. */
  signInAs(...users: DatabaseUser[]): iam.PolicyStatement {
    const stack = cdk.Stack.of(this);
    return allowToConnect(users.map((user) => connectArn(stack, this.endpointOf(user).resourceId, user)));
  }

  /**
   * The owner migrates, which holds locks for its whole session, and a statement of a person's may leave anything in its
   * session: they do not share connections.
   */
  private endpointOf(user: DatabaseUser): Endpoint {
    return FUNCTION_USERS.includes(user) ? this.functionEndpoint : this.server;
  }

  private createProxyEndpoint(vpc: ec2.IVpc, firewall: SecurityGroup, settings: Settings): Endpoint {
    firewall.connections.allowInternally(Port.tcp(DATABASE_PORT), 'PostgreSQL from the proxy');
    const isUsed = settings.database.proxy === true;
    const userArns = functionUsersOf(settings).map((user) =>
      connectArn(cdk.Stack.of(this), this.server.resourceId, user),
    );
    return addProxy(this, { vpc, firewall: firewall as ec2.ISecurityGroup, server: this.server, userArns, isUsed });
  }
}

/**
 * Exports the server's identifier also when no alarm reads its metrics: a deployment that takes the last of these alarms
 * away changes the data stack first, and an export cannot be removed while another stack imports it.
 */
function exportIdentifier({ ready, dimension }: DatabaseServer): void {
  for (const value of Object.values(dimension)) cdk.Stack.of(ready).exportValue(value);
}

/** Allows signing in as the users with these ARNs and as no other. */
export const allowToConnect = (userArns: string[]): iam.PolicyStatement =>
  new iam.PolicyStatement({ sid: 'SignInToTheDatabase', actions: ['rds-db:connect'], resources: userArns });

/** The ARN, in `rds-db:connect`, of a user of one database, by its resource id. */
export const connectArn = (stack: cdk.Stack, resourceId: string, user: DatabaseUser): string =>
  stack.formatArn({
    service: 'rds-db',
    resource: 'dbuser',
    resourceName: `${resourceId}/${user}`,
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });
