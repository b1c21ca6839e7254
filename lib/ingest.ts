import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { S3Destination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as logs from 'aws-cdk-lib/aws-logs';
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AUDIT_SCHEMA } from '../lambdas/contract/audit-line.ts';
import type { IngestEnv } from '../lambdas/contract/env/ingest.ts';
import { INCIDENT_SCHEMA } from '../lambdas/contract/incident-line.ts';
import { SCHEMA } from '../lambdas/contract/vocabulary.ts';
import { CALL_FILTER } from './call-log.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';
import { acknowledgeWildcard } from './nag.ts';

interface IngestProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
  /** Where the notifier writes a line for each message about an incident; absent without a notifier. */
  readonly incidents?: logs.ILogGroup;
  /** Where a line is written of each change that somebody makes by hand; absent where nothing can be changed so. */
  readonly audit?: logs.ILogGroup;
  /** Where refresh writes the lines of evaluations of alert rules, which are records of calls. */
  readonly evaluations: logs.ILogGroup;
  readonly network: Network;
  readonly database: DatabaseAccess;
  readonly retainedPayloads: s3.IBucket;
}

/** How many instances may run, each with one database connection; a t4g.micro allows about 80. */
const CONCURRENCY = 5;

/**
 * Stores the lines of calls, of incidents and of the audit, and nothing else from their log groups, in the database. A
 * payload it cannot store is retained.
 */
export class Ingest extends Construct {
  readonly function: lambda.Function;
  readonly filterName = 'calls';

  constructor(scope: Construct, id: string, props: IngestProps) {
    super(scope, id);
    const { deployment, calls, incidents, audit, evaluations, network, database, retainedPayloads } = props;
    const { settings } = deployment;
    this.function = deployFunction<IngestEnv>(this, {
      functionName: functionNameOf(deployment, 'ingest'),
      description: 'Stores the lines of calls',
      folder: deployment.bundles.function('ingest'),
      timeout: cdk.Duration.seconds(60),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/ingest`, settings.logRetentionDays),
      tracing: false,
      logLevel: deployment.settings.logLevel,
      network,
      reservedConcurrency: CONCURRENCY,
      environment: { ...commonVariables(deployment), ...database.variables('toolwatch_writer') },
      may: [
        database.signInAs('toolwatch_writer'),
        new iam.PolicyStatement({
          sid: 'RetainPayloads',
          actions: ['s3:PutObject'],
          resources: [retainedPayloads.arnForObjects('*')],
        }),
        new iam.PolicyStatement({
          sid: 'FindTheBucket',
          actions: ['s3:ListBucket'],
          resources: [retainedPayloads.bucketArn],
        }),
        ...encryptionStatements(retainedPayloads),
      ],
    });
    acknowledgeWildcard(
      this,
      `${arnInTemplate(this, retainedPayloads)}/*`,
      'Lambda chooses the names of the objects, and the bucket holds nothing else.',
    );
    this.function.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: cdk.Duration.hours(6),
      onFailure: new S3Destination(retainedPayloads),
    });
    new logs.SubscriptionFilter(this, 'Filter', {
      logGroup: calls,
      filterName: this.filterName,
      filterPattern: CALL_FILTER,
      destination: new LambdaDestination(this.function),
    });
    this.subscribe('EvaluationFilter', 'evaluations', evaluations, SCHEMA);
    if (incidents) this.subscribe('IncidentFilter', 'incidents', incidents, INCIDENT_SCHEMA);
    if (audit) this.subscribe('AuditFilter', 'audit', audit, AUDIT_SCHEMA);
  }

  private subscribe(id: string, filterName: string, logGroup: logs.ILogGroup, schema: string): void {
    new logs.SubscriptionFilter(this, id, {
      logGroup,
      filterName,
      filterPattern: logs.FilterPattern.stringValue('$.schema', '=', schema),
      destination: new LambdaDestination(this.function),
    });
  }
}

/** A bucket that is encrypted with a key of its own takes nothing from those who may not use the key. */
const encryptionStatements = ({ encryptionKey }: s3.IBucket): iam.PolicyStatement[] =>
  encryptionKey
    ? [
        new iam.PolicyStatement({
          sid: 'EncryptPayloads',
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: [encryptionKey.keyArn],
        }),
      ]
    : [];

/** As the template will state it: a bucket of another stack, such as our data stack, is an export of that. */
export function arnInTemplate(scope: Construct, { bucketArn }: s3.IBucket): string {
  const token = cdk.Tokenization.reverse(bucketArn, { failConcat: false });
  const isOfOtherStack = cdk.Reference.isReference(token) && cdk.Stack.of(token.target) !== cdk.Stack.of(scope);
  return isOfOtherStack ? cdk.Stack.of(token.target).exportValue(bucketArn) : bucketArn;
}
