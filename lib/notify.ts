import * as cdk from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { NotifiedChannel } from '../lambdas/contract/channels.ts';
import type { NotifyEnv } from '../lambdas/contract/env/notify.ts';
import { SEVERITIES } from '../lambdas/contract/severity.ts';
import { alarmName } from './alarms/alarm.ts';
import { noticeLinksOf } from './alarms/notice-links.ts';
import type { ChannelQueue } from './channels/channel-queues.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { DeploymentEvents } from './deployment-events.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { acknowledge } from './nag.ts';
import { allowToEncryptQueues } from './organization/key-statements.ts';
import { Schedule } from './schedule.ts';
import { filterOf } from './settings/alert-channel-settings.ts';
import { createTopics, type Inbox, type Topics } from './topics.ts';

interface NotifyProps {
  readonly deployment: Deployment;
  readonly topics: Topics;
  /** Says what the store knows about an incident. */
  readonly api: lambda.IFunction;
  /** Of the channels that notices are sent to, beside the topics. */
  readonly channels: readonly ChannelQueue[];
  /** Where the page is, without a path; undefined where a browser cannot open it. */
  readonly page: string | undefined;
  /** The stack of the deployment that comes before this one. */
  readonly data: cdk.Stack;
}

/** Of one run: it publishes to a topic in milliseconds, and a storm of a thousand incidents in some seconds. */
const TIMEOUT = cdk.Duration.seconds(20);
/** As Lambda recommends for a queue: six times the function's timeout. */
const VISIBILITY = cdk.Duration.seconds(120);
/** With that visibility an hour, in which AWS may mend what is broken on its side. */
const MAX_RECEIVES = 30;
/** Batches that run at the same time, which is the least that Lambda accepts. */
const CONCURRENT_BATCHES = 2;
/** Custom notices in one batch: a flood of them must not take the time of alarms. */
const CUSTOM_NOTICES_PER_BATCH = 10;

/** The attribute of the table by which what is remembered of channels and events expires. */
const EXPIRES = 'expires';

const toNotified = ({ channel, queue }: ChannelQueue): NotifiedChannel => ({
  name: channel.name,
  type: channel.type,
  queueUrl: queue.queueUrl,
  filter: filterOf(channel),
});

/**
 * The notifier: alarms publish to its topics; it joins them into incidents and publishes each incident once to the
 * topics of people and pagers. Its state is in a table of its own, because it must work while the database does not.
 */
export class Notify extends Construct {
  readonly inbox: Inbox;
  readonly function: lambda.Function;
  readonly schedule: Schedule;
  /** Its log, with a line for each message about an incident. */
  readonly logGroup: logs.LogGroup;
  /** Holds the notifications of alarms until the notifier has taken them. */
  readonly queue: sqs.Queue;
  /** Holds what people and tools want others to be notified of: not among alarms, which a flood would delay. */
  readonly customNotices: sqs.Queue;
  /** Holds those that it could not take. */
  readonly unread: sqs.Queue;
  /** Holds its state, and what is remembered of channels. */
  readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string, props: NotifyProps) {
    super(scope, id);
    const { deployment, topics } = props;
    const bySeverity = createTopics(this, topics.key);
    this.inbox = { bySeverity, alarms: { critical: [], warning: [] } };
    this.unread = this.addUnreadQueue();
    this.queue = this.addQueue('Queue');
    this.customNotices = this.addQueue('CustomNotices');
    for (const severity of SEVERITIES) bySeverity[severity].addSubscription(new SqsSubscription(this.queue));
    this.table = this.addTable();
    this.logGroup = createLogGroup(
      this,
      `/${deploymentNameOf(deployment.settings)}/notify`,
      deployment.settings.logRetentionDays,
    );
    this.function = this.addFunction(props);
    // Alarms of one cause fire within seconds, and whoever must act waits for the first message.
    this.readQueue('Mapping', this.queue, { batchSize: 100, maximumBatchingWindowInSeconds: 1 });
    this.readQueue('CustomNoticesMapping', this.customNotices, { batchSize: CUSTOM_NOTICES_PER_BATCH });
    new DeploymentEvents(this, 'DeploymentEvents', {
      settings: deployment.settings,
      stacks: [props.data, cdk.Stack.of(this)],
      queue: this.queue,
      undelivered: this.unread,
    });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: this.function,
      description: 'Lets time pass for incidents, and publishes what could not be published before',
      expression: 'rate(1 minute)',
    });
  }

  private addQueue(id: string): sqs.Queue {
    return new sqs.Queue(this, id, {
      enforceSSL: true,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      visibilityTimeout: VISIBILITY,
      retentionPeriod: cdk.Duration.days(4),
      deadLetterQueue: { queue: this.unread, maxReceiveCount: MAX_RECEIVES },
    });
  }

  private readQueue(
    id: string,
    queue: sqs.IQueue,
    batches: Pick<lambda.CfnEventSourceMappingProps, 'batchSize' | 'maximumBatchingWindowInSeconds'>,
  ): void {
    new lambda.CfnEventSourceMapping(this, id, {
      eventSourceArn: queue.queueArn,
      functionName: this.function.functionName,
      ...batches,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: CONCURRENT_BATCHES },
    });
  }

  private addUnreadQueue(): sqs.Queue {
    const queue = new sqs.Queue(this, 'Unread', {
      enforceSSL: true,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      retentionPeriod: cdk.Duration.days(14),
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself.');
    return queue;
  }

  /** What is remembered of channels and events expires by itself. */
  private addTable(): dynamodb.Table {
    const table = new dynamodb.Table(this, 'State', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: EXPIRES,
      // What it holds ends with the incidents: without the alarms it is worth nothing.
      removalPolicy: cdk.RemovalPolicy.DESTROY,
    });
    acknowledge(table, 'AwsSolutions-DDB3', 'Open incidents of an earlier time are of no use: a copy would be wrong.');
    return table;
  }

  private addFunction({ deployment, topics, channels, api, page }: NotifyProps): lambda.Function {
    const { settings } = deployment;
    const topicArns = Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity,
        { inbox: this.inbox.bySeverity[severity].topicArn, recipients: topics.bySeverity[severity].topicArn },
      ]),
    );
    const alarmPrefix = alarmName(settings, '');
    const handler = deployFunction<NotifyEnv>(this, {
      functionName: functionNameOf(deployment, 'notify'),
      description: 'Joins alarms into incidents, and notifies people of each incident once',
      folder: deployment.bundles.function('notify'),
      timeout: TIMEOUT,
      memoryMb: 256,
      logGroup: this.logGroup,
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      // Its own, so that tools which use up the account's concurrency do not silence it; one for the schedule.
      reservedConcurrency: 2 * CONCURRENT_BATCHES + 1,
      environment: {
        ...commonVariables(deployment),
        STATE_TABLE: this.table.tableName,
        WINDOW_SECONDS: String(settings.alarms.periodSeconds),
        API_FUNCTION: api.functionName,
        NOTICE_LINKS: cdk.Stack.of(this).toJsonString(noticeLinksOf(this, settings, page)),
        NOTIFY_TOPICS: cdk.Stack.of(this).toJsonString(topicArns),
        CUSTOM_NOTICES_QUEUE: this.customNotices.queueArn,
        LAST_STACK: cdk.Stack.of(this).stackName,
        MAILED_DEPLOYMENTS: settings.alerts.deployments,
        ...(alarmPrefix ? { ALARM_PREFIX: alarmPrefix } : {}),
        ...(channels.length > 0 ? { CHANNELS: cdk.Stack.of(this).toJsonString(channels.map(toNotified)) } : {}),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'ReadItsQueues',
          actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
          resources: [this.queue.queueArn, this.customNotices.queueArn],
        }),
        ...allowToEncryptQueues(this, settings),
        new iam.PolicyStatement({
          sid: 'KeepItsState',
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [this.table.tableArn],
        }),
        new iam.PolicyStatement({
          sid: 'AskTheApi',
          actions: ['lambda:InvokeFunction'],
          resources: [api.functionArn],
        }),
        new iam.PolicyStatement({
          sid: 'Notify',
          actions: ['sns:Publish'],
          resources: SEVERITIES.map((severity) => topics.bySeverity[severity].topicArn),
        }),
        ...(channels.length > 0
          ? [
              new iam.PolicyStatement({
                sid: 'SendToChannels',
                actions: ['sqs:SendMessage'],
                resources: channels.map(({ queue }) => queue.queueArn),
              }),
            ]
          : []),
        ...(topics.key
          ? [
              new iam.PolicyStatement({
                sid: 'Encrypt',
                actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
                resources: [topics.key.keyArn],
              }),
            ]
          : []),
      ],
    });
    // No retry: the next scheduled run comes soon enough.
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.minutes(1) });
    return handler;
  }
}
