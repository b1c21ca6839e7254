import * as cdk from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { DatabaseEnv, Variables } from '../lambdas/contract/env.ts';
import { acknowledge } from './nag.ts';
import type { Settings } from './settings.ts';

/** Who signs in to the database; migrations create all but the owner, which the server is created with. */
export type DatabaseUser =
  | 'toolwatch_owner'
  | 'toolwatch_writer'
  | 'toolwatch_refresher'
  | 'toolwatch_reader'
  | 'toolwatch_retention';

const OWNER: DatabaseUser = 'toolwatch_owner';
const NAME = 'toolwatch';
const PORT = 5432;

interface DatabaseProps {
  readonly vpc: ec2.IVpc;
  readonly clients: ec2.ISecurityGroup;
  readonly settings: Settings;
}

/** PostgreSQL 18 in isolated subnets, without a password: everybody signs in by IAM, the owner too. */
export class Database extends Construct {
  /** The dimension of its metrics. */
  readonly instanceId: string;
  private readonly instance: rds.CfnDBInstance;

  constructor(scope: Construct, id: string, { vpc, clients, settings }: DatabaseProps) {
    super(scope, id);
    const firewall = new SecurityGroup(this, 'Firewall', {
      vpc,
      description: 'Lets the functions that may reach the database in',
      allowAllOutbound: false,
    });
    firewall.connections.allowFrom(clients, Port.tcp(PORT), 'PostgreSQL from the functions');
    const subnets = new rds.CfnDBSubnetGroup(this, 'Subnets', {
      dbSubnetGroupDescription: 'Without a route to anywhere',
      subnetIds: vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
    });
    const { instance, storageGb, multiAz } = settings.database;
    this.instance = new rds.CfnDBInstance(this, 'Instance', {
      engine: 'postgres',
      engineVersion: '18',
      autoMinorVersionUpgrade: true,
      dbInstanceClass: `db.${instance}`,
      dbName: NAME,
      port: String(PORT),
      masterUsername: OWNER,
      masterUserAuthenticationType: 'iam-db-auth',
      enableIamDatabaseAuthentication: true,
      allocatedStorage: String(storageGb),
      maxAllocatedStorage: storageGb * 5,
      storageType: 'gp3',
      storageEncrypted: true,
      multiAz,
      publiclyAccessible: false,
      dbSubnetGroupName: subnets.ref,
      vpcSecurityGroups: [firewall.securityGroupId],
      backupRetentionPeriod: 7,
      copyTagsToSnapshot: true,
      deletionProtection: true,
      enablePerformanceInsights: true,
      caCertificateIdentifier: 'rds-ca-rsa2048-g1',
    });
    this.instance.applyRemovalPolicy(cdk.RemovalPolicy.SNAPSHOT);
    this.instanceId = this.instance.ref;
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
    return {
      DATABASE_HOST: this.instance.attrEndpointAddress,
      DATABASE_PORT: this.instance.attrEndpointPort,
      DATABASE_NAME: NAME,
      DATABASE_USER: user,
      DATABASE_CA_FILE: '/var/task/rds-ca.pem',
    };
  }

  /** The right to sign in as `user` and as nobody else. */
  signInAs(user: DatabaseUser): iam.PolicyStatement {
    return new iam.PolicyStatement({
      sid: 'SignInToTheDatabase',
      actions: ['rds-db:connect'],
      resources: [
        cdk.Stack.of(this).formatArn({
          service: 'rds-db',
          resource: 'dbuser',
          resourceName: `${this.instance.attrDbiResourceId}/${user}`,
          arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
    });
  }
}
