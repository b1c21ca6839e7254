import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { StoreLocation } from '../../lib/database/store-location.ts';

/** A network, a database and a bucket that a stack of somebody else's has already. */
export const placeIn = (stack: cdk.Stack): Pick<StoreLocation, 'vpc' | 'database' | 'retainedPayloads'> => {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  }) as ec2.IVpc;
  const database = rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Database', {
    instanceIdentifier: 'shop',
    instanceEndpointAddress: 'shop.example.com',
    instanceResourceId: 'db-SHOP',
    port: 5432,
    securityGroups: [new ec2.SecurityGroup(stack, 'Firewall', { vpc })],
  });
  return { vpc, database, retainedPayloads: new s3.Bucket(stack, 'Kept') as s3.IBucket };
};

/** An app of somebody else's that has only that, before anything of ours. */
export const shopWithDatabase = () => {
  const stack = new cdk.Stack(new cdk.App(), 'Shop');
  return { stack, ...placeIn(stack) };
};
