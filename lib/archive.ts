import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ARCHIVE_FOLDER } from '../lambdas/contract/archive.ts';
import type { ArchiveEnv } from '../lambdas/contract/env/archive.ts';
import { createArchiveTable } from './archive-table.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';
import { arnInTemplate } from './ingest.ts';
import { acknowledge, acknowledgeWildcard } from './nag.ts';
import { Schedule } from './schedule.ts';
import { archiveOf } from './settings/archive-settings.ts';
import type { Settings } from './settings.ts';

interface ArchiveProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
  readonly archivedCalls: s3.IBucket;
}

/** For how long a file that was overwritten or deleted can still be brought back. */
const RECOVERABLE_DAYS = 30;

/** Creates the bucket of archived days. It is there without an archive too, so that the setting can change. */
export function createArchiveBucket(scope: Construct, settings: Settings): s3.Bucket {
  const { keys } = settings;
  const { coldAfterDays, deleteAfterDays } = archiveOf(settings) || {};
  const encryptionKey = keys.archive ? kms.Key.fromKeyArn(scope, 'ArchiveKey', keys.archive) : undefined;
  const bucket = new s3.Bucket(scope, 'ArchivedCalls', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    ...(encryptionKey
      ? { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: s3.BucketEncryption.S3_MANAGED }),
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [
      {
        noncurrentVersionExpiration: cdk.Duration.days(RECOVERABLE_DAYS),
        ...(deleteAfterDays === undefined ? {} : { expiration: cdk.Duration.days(deleteAfterDays) }),
        ...(coldAfterDays === undefined
          ? {}
          : {
              transitions: [
                {
                  storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
                  transitionAfter: cdk.Duration.days(coldAfterDays),
                },
              ],
            }),
      },
    ],
    removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  acknowledge(bucket, 'AwsSolutions-S1', 'Only the archive writes to it, and logs what it has written.');
  const stack = cdk.Stack.of(scope);
  // Always exported: an app that stops to archive imports it until its own update is over.
  stack.exportValue(bucket.bucketArn);
  stack.exportValue(bucket.bucketName);
  return bucket;
}

/**
 * Writes days past their retention to S3 before retention drops them, and brings them back. It is in the database's
 * network, which leads to S3 by a gateway endpoint and to nothing else.
 */
class Archive extends Construct {
  readonly function: lambda.Function;
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, network, database, archivedCalls }: ArchiveProps) {
    super(scope, id);
    const { settings } = deployment;
    const toS3 = new ec2.SecurityGroup(this, 'ToS3', {
      vpc: network.vpc,
      description: 'May reach S3 where the routes lead there',
      allowAllOutbound: false,
    });
    toS3.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS, which only the endpoint of S3 answers');
    this.function = deployFunction<ArchiveEnv>(this, {
      functionName: functionNameOf(deployment, 'archive'),
      description: 'Writes days to S3 before they are dropped, and brings them back',
      folder: deployment.bundles.function('archive'),
      timeout: cdk.Duration.minutes(15),
      // A whole processor: it encodes and decodes every call. npm run bench -- archive
      memoryMb: 1_769,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/archive`, settings.logRetentionDays),
      tracing: false,
      logLevel: settings.logLevel,
      network: { ...network, furtherSecurityGroups: [toS3 as ec2.ISecurityGroup] },
      reservedConcurrency: 1,
      environment: {
        ...commonVariables(deployment),
        ...database.variables('toolwatch_archive'),
        RETENTION_DAYS: String(settings.retentionDays),
        ARCHIVE_BUCKET: archivedCalls.bucketName,
      },
      may: [
        database.signInAs('toolwatch_archive'),
        new iam.PolicyStatement({
          sid: 'WriteAndReadBack',
          actions: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
          resources: [archivedCalls.arnForObjects(`${ARCHIVE_FOLDER}/*`)],
        }),
        new iam.PolicyStatement({
          sid: 'FindItsFiles',
          actions: ['s3:ListBucket'],
          resources: [archivedCalls.bucketArn],
        }),
        ...encryptionStatements(archivedCalls),
      ],
    });
    acknowledgeWildcard(
      this,
      `${arnInTemplate(this, archivedCalls)}/${ARCHIVE_FOLDER}/*`,
      'The folder has a file for each part of each day.',
    );
    // No retry: the next start goes on.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.minutes(10) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings,
      function: this.function,
      description: 'Archives days before they are dropped',
      // Three times before retention: a day that one run does not finish is gone on with by the next.
      expression: 'cron(15 0,1,2 * * ? *)',
    });
    createArchiveTable(this, deployment, archivedCalls);
  }
}

/** The archive, unless the settings want none. */
export const addArchive = (scope: Construct, props: ArchiveProps): Archive | undefined =>
  archiveOf(props.deployment.settings) ? new Archive(scope, 'Archive', props) : undefined;

/** A bucket that is encrypted with a key of its own takes and gives nothing to those who may not use the key. */
const encryptionStatements = ({ encryptionKey }: s3.IBucket): iam.PolicyStatement[] =>
  encryptionKey
    ? [
        new iam.PolicyStatement({
          sid: 'EncryptTheArchive',
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: [encryptionKey.keyArn],
        }),
      ]
    : [];
