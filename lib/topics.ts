import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './nag.ts';
import type { Settings } from './settings.ts';

/** `critical` wakes a person, `warning` waits for the morning. */
export const SEVERITIES = ['critical', 'warning'] as const;
export type Severity = (typeof SEVERITIES)[number];

type Alerts = Pick<Settings, 'alerts'>;

/** The severities that somebody is told of. */
export const severitiesWithRecipients = ({ alerts }: Alerts): Severity[] =>
  SEVERITIES.filter((severity) => Object.values(alerts[severity]).flat().length > 0);

/** That nobody is woken, in a sentence that says what to write; nothing where somebody is. */
export const warnOfNoRecipients = (settings: Alerts): string | undefined =>
  severitiesWithRecipients(settings).includes('critical')
    ? undefined
    : 'Nobody is woken: alarms that should wake somebody are told to no address; write alerts.critical.';

/** Who is told what: a topic for each severity. */
export interface SeverityTopics {
  readonly bySeverity: Readonly<Record<Severity, sns.ITopic>>;
  /** What nobody took, after every retry. Absent when no webhook is told anything, and where topics are somebody else's. */
  readonly undelivered: sqs.Queue | undefined;
}

/** A topic for each severity, that CloudWatch may publish to, and where undelivered messages end up. */
export class Topics extends Construct implements SeverityTopics {
  readonly bySeverity: Record<Severity, sns.Topic>;
  readonly undelivered: sqs.Queue | undefined;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const key = settings.topicEncryption === 'key' ? this.topicKey() : undefined;
    this.bySeverity = { critical: this.topic('Critical', key), warning: this.topic('Warning', key) };
    const anyWebhook = SEVERITIES.some((severity) => settings.alerts[severity].https.length > 0);
    this.undelivered = anyWebhook ? this.undeliveredQueue() : undefined;
    for (const severity of SEVERITIES) {
      const { emails, https } = settings.alerts[severity];
      const keeping = this.undelivered ? { deadLetterQueue: this.undelivered } : {};
      for (const email of emails) {
        this.bySeverity[severity].addSubscription(new subscriptions.EmailSubscription(email, keeping));
      }
      for (const url of https) {
        this.bySeverity[severity].addSubscription(
          new subscriptions.UrlSubscription(url, { protocol: sns.SubscriptionProtocol.HTTPS, ...keeping }),
        );
      }
    }
  }

  private topic(id: string, masterKey?: kms.IKey): sns.Topic {
    const topic = new sns.Topic(this, id, { enforceSSL: true, ...(masterKey ? { masterKey } : {}) });
    if (!masterKey)
      acknowledge(topic, 'AwsSolutions-SNS2', 'Alert texts hold no arguments and no results; a key is a setting.');
    allowAlarmsToPublish(this, topic);
    return topic;
  }

  /** AWS's own key for SNS does not let CloudWatch in, so an encrypted topic needs one of ours. */
  private topicKey(): kms.Key {
    const key = new kms.Key(this, 'Key', { description: 'Alert topics', enableKeyRotation: true });
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsMayEncrypt',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': cdk.Stack.of(this).account } },
      }),
    );
    return key;
  }

  private undeliveredQueue(): sqs.Queue {
    const queue = new sqs.Queue(this, 'Undelivered', {
      enforceSSL: true,
      retentionPeriod: cdk.Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is itself where the undelivered goes.');
    return queue;
  }
}

/** Enforcing TLS replaces a topic's default policy, which had let CloudWatch publish: without this it fails, silently. */
export const allowAlarmsToPublish = (scope: Construct, topic: sns.ITopic): iam.AddToResourcePolicyResult =>
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'AlarmsMayPublish',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        ArnLike: { 'aws:SourceArn': alarmsOf(cdk.Stack.of(scope)) },
        StringEquals: { 'aws:SourceAccount': cdk.Stack.of(scope).account },
      },
    }),
  );

const alarmsOf = (stack: cdk.Stack) =>
  stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: '*',
    arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
  });
