import * as cdk from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { DatabaseEnv, Variables } from '../../lambdas/contract/env.ts';
import { acknowledge } from '../nag.ts';
import type { Settings } from '../settings.ts';
import { addProxy } from './database-proxy.ts';
import {
  createAuroraServer,
  createInstanceServer,
  DATABASE_NAME,
  DATABASE_OWNER,
  DATABASE_PORT,
  type DatabaseServer,
} from './database-server.ts';

/** Who signs in to the database; migrations create all but the owner, which the server is created with. */
export type DatabaseUser =
  | 'toolwatch_owner'
  | 'toolwatch_writer'
  | 'toolwatch_refresher'
  | 'toolwatch_reader'
  | 'toolwatch_retention';

const USERS_OF_FUNCTIONS: readonly DatabaseUser[] = [
  'toolwatch_writer',
  'toolwatch_refresher',
  'toolwatch_reader',
  'toolwatch_retention',
];

interface DatabaseProps {
  readonly vpc: ec2.IVpc;
  readonly clients: ec2.ISecurityGroup;
  readonly settings: Settings;
}

/** What a function that uses the database needs of it. */
export type DatabaseAccess = Pick<Database, 'variables' | 'signInAs' | 'diskBytes'>;

/** Where a user connects, and how IAM names the place. */
type Door = Pick<DatabaseServer, 'host' | 'port' | 'resourceId'>;

/** PostgreSQL 18 in isolated subnets, without a password: everybody signs in by IAM, the owner too. */
export class Database extends Construct {
  readonly server: DatabaseServer;
  /** How large the disk may grow; 0 for no bound that anybody reaches. */
  readonly diskBytes: number;
  private readonly doorOfFunctions: Door;

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
    const placement = { subnets, firewall, settings: settings.database };
    this.server = kind === 'aurora' ? createAuroraServer(this, placement) : createInstanceServer(this, placement);
    this.diskBytes = this.server.diskBytes;
    this.doorOfFunctions = proxy ? this.proxyDoor(vpc, firewall) : this.server;
    acknowledge(
      this,
      'AwsSolutions-RDS3',
      'A second zone doubles the price; it is a setting, and calls do not wait for the database.',
    );
    acknowledge(
      this,
      'AwsSolutions-RDS11',
      'The port is closed to all but the functions, by security group and by route.',
    );
  }

  /** What a function needs to find the database and sign in as `user`. */
  variables(user: DatabaseUser): Variables<DatabaseEnv> {
    const { host, port } = this.doorOf(user);
    return {
      DATABASE_HOST: host,
      DATABASE_PORT: port,
      DATABASE_NAME,
      DATABASE_USER: user,
      DATABASE_CA_FILE: '/var/task/rds-ca.pem',
    };
  }

  /** The right to sign in as `user` and as nobody else. */
  signInAs(user: DatabaseUser): iam.PolicyStatement {
    return allowToConnect(cdk.Stack.of(this), this.doorOf(user).resourceId, user);
  }

  /** The owner migrates, which holds locks for its session: it does not share connections. */
  private doorOf(user: DatabaseUser): Door {
    return user === DATABASE_OWNER ? this.server : this.doorOfFunctions;
  }

  private proxyDoor(vpc: ec2.IVpc, firewall: SecurityGroup): Door {
    firewall.connections.allowInternally(Port.tcp(DATABASE_PORT), 'PostgreSQL from the proxy');
    const mayConnectAs = USERS_OF_FUNCTIONS.map((user) => connectArn(cdk.Stack.of(this), this.server.resourceId, user));
    return addProxy(this, { vpc, firewall: firewall as ec2.ISecurityGroup, server: this.server, mayConnectAs });
  }
}

/** The right to sign in to one database, which IAM knows by its resource id, as `user` and as nobody else. */
export const allowToConnect = (stack: cdk.Stack, resourceId: string, user: DatabaseUser): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid: 'SignInToTheDatabase',
    actions: ['rds-db:connect'],
    resources: [connectArn(stack, resourceId, user)],
  });

const connectArn = (stack: cdk.Stack, resourceId: string, user: DatabaseUser): string =>
  stack.formatArn({
    service: 'rds-db',
    resource: 'dbuser',
    resourceName: `${resourceId}/${user}`,
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });
