import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/** Where a store stands that is put into somebody else's network and database. */
export interface StoreLocation {
  readonly vpc: ec2.IVpc;
  /** Default: the isolated subnets. */
  readonly subnets?: ec2.SubnetSelection;
  /**
   * PostgreSQL 18 that takes IAM tokens, with a database `toolwatch` and a role `toolwatch_owner` that owns it and has
   * `rds_iam`; migrations make the rest.
   */
  readonly database: rds.IDatabaseInstance;
  /**
   * Its class, by which its processor is judged: a burstable one by the credit it borrows. Without it by how busy it is, which tells
   * too late of one that lives on credit.
   */
  readonly databaseClass?: ec2.InstanceType;
  /** How much of its disk calls may fill, grown to its limit, in GiB. Without it nobody is told a month before it is full. */
  readonly diskGb?: number;
  /** For the payloads that could not be stored. */
  readonly retainedPayloads: s3.IBucket;
}
