import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { StoreLocation } from '../../lib/database/store-location.ts';

/** Adds a network, a database and a bucket to a stack, as another app has them already. */
export const addStoreLocation = (stack: cdk.Stack): Pick<StoreLocation, 'vpc' | 'database' | 'retainedPayloads'> => {
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

/** Another app with nothing but these. */
export const shopWithDatabase = () => {
  const stack = new cdk.Stack(new cdk.App(), 'Shop');
  return { stack, ...addStoreLocation(stack) };
};
