import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/** The network and the database of another app, into which a store is put. */
export interface StoreLocation {
  readonly vpc: ec2.IVpc;
  /** Default: the isolated subnets. */
  readonly subnets?: ec2.SubnetSelection;
  /**
   * An instance or a cluster: PostgreSQL 18 or newer with IAM authentication, a database `toolwatch`, and a role
   * `toolwatch_owner` that owns it, may create roles and has `rds_iam` with the admin option; migrations create the rest.
   */
  readonly database: rds.IDatabaseInstance | rds.IDatabaseCluster;
  /**
   * Its class. The alarm on the processor of a burstable one reads the credits it borrows. Without a class the alarm
   * reads how busy the processor is, which on a burstable class is too late.
   */
  readonly databaseClass?: ec2.InstanceType;
  /**
   * How much of its disk calls may fill, once it has grown to its limit, in GiB. Without it no alarm warns a month
   * before it is full.
   */
  readonly diskGb?: number;
  /** For the payloads that could not be stored. */
  readonly retainedPayloads: s3.IBucket;
}
