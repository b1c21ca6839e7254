import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SEVERITIES, type Severity } from '../lambdas/contract/severity.ts';
import { alarmArn } from './alarms/alarm-arn.ts';
import { acknowledge } from './nag.ts';
import type { Settings } from './settings.ts';

type Notified = Pick<Settings, 'alerts' | 'topics'>;

/** The severities that have a recipient, or a topic that exists, whose subscriptions are not known here. */
export const severitiesWithRecipients = ({ alerts, topics }: Notified): Severity[] =>
  SEVERITIES.filter((severity) => topics[severity] !== undefined || Object.values(alerts[severity]).flat().length > 0);

/** Those of them whose topic is in the deployment's account, where its metrics and subscriptions can be read. */
export const severitiesToCheck = (settings: Notified & Pick<Settings, 'account'>): Severity[] =>
  severitiesWithRecipients(settings).filter((severity) => {
    const owner = settings.topics[severity]?.split(':')[4];
    return owner === undefined || settings.account === undefined || owner === settings.account;
  });

/** A sentence that says what to write when critical alarms have no recipient, else nothing. */
export const warnOfNoRecipients = (settings: Notified): string | undefined =>
  severitiesWithRecipients(settings).includes('critical')
    ? undefined
    : 'Critical alarms have no recipient; write alerts.critical.';

/** Topics that exist, for one severity or for both. */
export type OwnTopics = Readonly<Partial<Record<Severity, sns.ITopic>>>;

/** Where alarms publish to the notifier. */
export interface Inbox {
  readonly bySeverity: Readonly<Record<Severity, sns.ITopic>>;
  /** The alarms that publish to it, in the order in which they were added. */
  readonly alarms: Record<Severity, InboxAlarm[]>;
}

export interface InboxAlarm {
  readonly name: string;
  readonly construct: Construct;
}

/** A topic for each severity. */
export interface SeverityTopics {
  /** Of people and pagers. */
  readonly bySeverity: Readonly<Record<Severity, sns.ITopic>>;
  /** Those whose metrics are in this account: SNS writes them where the topic is. */
  readonly measured: readonly sns.ITopic[];
  /**
   * Holds the notifications that SNS gave up on after every retry. Absent without webhooks.
   */
  readonly undelivered: sqs.Queue | undefined;
  /** Absent without a notifier: alarms then publish to people and pagers directly. */
  readonly inbox?: Inbox | undefined;
}

/** Whether a topic is in another account than a stack, as far as that is known: its metrics stay there. */
const isInOtherAccount = (scope: Construct, topic: sns.ITopic): boolean => {
  const { account } = cdk.Stack.of(scope);
  return cdk.Token.compareStrings(account, topic.env.account) === cdk.TokenComparison.DIFFERENT;
};

/** The topics, with the inbox of the notifier in front of them. */
export const withInbox = ({ bySeverity, measured, undelivered }: SeverityTopics, inbox: Inbox): SeverityTopics => ({
  bySeverity,
  measured,
  undelivered,
  inbox,
});

/**
 * A topic for each severity that CloudWatch may publish to, its subscriptions, and the queue of undelivered
 * notifications. Topics that exist are used as they are, with the subscriptions they have.
 */
export class Topics extends Construct implements SeverityTopics {
  readonly bySeverity: Readonly<Record<Severity, sns.ITopic>>;
  readonly measured: readonly sns.ITopic[];
  readonly undelivered: sqs.Queue | undefined;
  /** That encrypts them, if one does. */
  readonly key: kms.IKey | undefined;

  constructor(scope: Construct, id: string, settings: Settings, own: OwnTopics = {}) {
    super(scope, id);
    // Also where no topic is created here: it encrypts those of the notifier.
    this.key = this.findOrCreateKey(settings);
    const created = SEVERITIES.filter((severity) => !own[severity]);
    this.bySeverity = {
      critical: own.critical ?? createTopic(this, 'Critical', this.key),
      warning: own.warning ?? createTopic(this, 'Warning', this.key),
    };
    this.measured = this.findMeasured(this.bySeverity);
    const anyWebhook = created.some((severity) => settings.alerts[severity].https.length > 0);
    this.undelivered = anyWebhook ? this.undeliveredQueue() : undefined;
    for (const severity of created) this.subscribe(this.bySeverity[severity], settings.alerts[severity]);
  }

  /** Those of some topics whose metrics are in this account. */
  findMeasured(topics: SeverityTopics['bySeverity']): sns.ITopic[] {
    return SEVERITIES.map((severity) => topics[severity]).filter((topic) => !isInOtherAccount(this, topic));
  }

  private subscribe(topic: sns.ITopic, { emails, https }: Settings['alerts'][Severity]): void {
    const deadLetters = this.undelivered ? { deadLetterQueue: this.undelivered } : {};
    for (const email of emails) topic.addSubscription(new subscriptions.EmailSubscription(email, deadLetters));
    for (const url of https) {
      topic.addSubscription(
        new subscriptions.UrlSubscription(url, { protocol: sns.SubscriptionProtocol.HTTPS, ...deadLetters }),
      );
    }
  }

  /** CloudWatch may not use AWS's own key for SNS, so an encrypted topic needs a key of ours, or of the settings. */
  private findOrCreateKey({ topicEncryption }: Settings): kms.IKey | undefined {
    if (topicEncryption === 'none') return undefined;
    return topicEncryption === 'key' ? this.createKey() : kms.Key.fromKeyArn(this, 'Key', topicEncryption);
  }

  private createKey(): kms.IKey {
    const key = new kms.Key(this, 'Key', {
      description: 'Alert topics',
      enableKeyRotation: true,
      removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    allowAlarmsToEncrypt(this, key);
    return key as kms.IKey;
  }

  private undeliveredQueue(): sqs.Queue {
    const queue = new sqs.Queue(this, 'Undelivered', {
      enforceSSL: true,
      retentionPeriod: cdk.Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself.');
    return queue;
  }
}

/** Creates a topic for each severity that CloudWatch may publish to. */
export const createTopics = (scope: Construct, masterKey: kms.IKey | undefined): Record<Severity, sns.Topic> => ({
  critical: createTopic(scope, 'Critical', masterKey),
  warning: createTopic(scope, 'Warning', masterKey),
});

function createTopic(scope: Construct, id: string, masterKey: kms.IKey | undefined): sns.Topic {
  const topic = new sns.Topic(scope, id, { enforceSSL: true, ...(masterKey ? { masterKey } : {}) });
  if (!masterKey)
    acknowledge(
      topic,
      'AwsSolutions-SNS2',
      "Alarms' texts hold no arguments and no results; encryption with a key is a setting.",
    );
  allowAlarmsToPublish(scope, topic);
  return topic;
}

/**
 * Enforcing TLS replaces a topic's default policy, which let CloudWatch publish: without this, notifications fail
 * silently.
 */
export const allowAlarmsToPublish = (scope: Construct, topic: sns.ITopic): iam.AddToResourcePolicyResult =>
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'AlarmsMayPublish',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        ArnLike: { 'aws:SourceArn': alarmArn(cdk.Stack.of(scope), '*') },
        StringEquals: { 'aws:SourceAccount': cdk.Stack.of(scope).account },
      },
    }),
  );

/** What CloudWatch needs beside that, to publish to a topic that is encrypted with a key. */
export const allowAlarmsToEncrypt = (scope: Construct, key: kms.IKey): iam.AddToResourcePolicyResult =>
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'AlarmsMayEncrypt',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': cdk.Stack.of(scope).account } },
    }),
  );
