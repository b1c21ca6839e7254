import * as cdk from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { OperateEnv } from '../lambdas/contract/env/operate.ts';
import { alarmName } from './alarms/alarm.ts';
import { allowToMute, allowToReadContributors } from './alarms/mute-permissions.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import type { AcceptedTokens } from './front-door/accepted-tokens.ts';
import { frontDoorVariables } from './front-door/front-door-variables.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { allowToEncryptQueues } from './organization/key-statements.ts';

interface OperateProps {
  readonly deployment: Deployment;
  /** The tokens that the front door accepts; undefined where IAM admits the operator. */
  readonly tokens: AcceptedTokens | undefined;
  /** The notifier's queue of custom notices. */
  readonly customNotices: sqs.IQueue;
  /** The notifier's, in which it stands what became of drills. */
  readonly table: dynamodb.Table;
}

/** Few people change something at the same time; its own, so that they can while tools use up the account's. */
const CONCURRENCY = 2;

/** Does what the operator asks for that takes AWS, and not only the database. Outside of the database's network. */
export class Operate extends Construct {
  readonly function: lambda.Function;
  /** Its log, with a line of the audit for each change. */
  readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, { deployment, tokens, customNotices, table }: OperateProps) {
    super(scope, id);
    const { settings } = deployment;
    const alarmPrefix = alarmName(settings, '');
    this.logGroup = createLogGroup(this, `/${deploymentNameOf(settings)}/operate`, settings.logRetentionDays);
    this.function = deployFunction<OperateEnv>(this, {
      functionName: functionNameOf(deployment, 'operate'),
      description: 'Does what the operator asks for, and writes the audit',
      folder: deployment.bundles.function('operate'),
      timeout: cdk.Duration.seconds(20),
      memoryMb: 256,
      logGroup: this.logGroup,
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      reservedConcurrency: CONCURRENCY,
      environment: {
        ...commonVariables(deployment),
        ...frontDoorVariables(settings, tokens),
        CUSTOM_NOTICES_QUEUE: customNotices.queueUrl,
        STATE_TABLE: table.tableName,
        ...(alarmPrefix ? { ALARM_PREFIX: alarmPrefix } : {}),
      },
      may: [
        ...allowToMute(this, settings),
        allowToReadContributors(),
        new iam.PolicyStatement({ sid: 'ReadMetrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
        new iam.PolicyStatement({
          sid: 'ReadResults',
          // Only in channels can people say that they have seen a drill.
          actions: ['dynamodb:GetItem', ...(settings.alerts.channels.length > 0 ? ['dynamodb:PutItem'] : [])],
          resources: [table.tableArn],
        }),
        new iam.PolicyStatement({
          sid: 'RequestNotices',
          actions: ['sqs:SendMessage'],
          resources: [customNotices.queueArn],
        }),
        ...allowToEncryptQueues(this, settings),
      ],
    });
  }
}
