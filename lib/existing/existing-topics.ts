import { Annotations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { SEVERITIES } from '../../lambdas/contract/severity.ts';
import { InvalidSettings, type Settings } from '../settings.ts';
import { allowAlarmsToEncrypt, allowAlarmsToPublish, type OwnTopics } from '../topics.ts';
import { requireHere } from './place.ts';

/** AWS's own key for SNS, whose policy nobody can change: CloudWatch can never publish to a topic with it. */
const AWS_OWNED_KEY = /alias\/aws\//;

/** The topics that the settings name. */
export function importTopics(scope: Construct, { topics }: Pick<Settings, 'topics'>): OwnTopics {
  const arns = new Set(SEVERITIES.flatMap((severity) => topics[severity] ?? []));
  const byArn = new Map(
    [...arns].map((arn, index) => [arn, sns.Topic.fromTopicArn(scope, `ExistingTopic${index}`, arn)] as const),
  );
  return Object.fromEntries(
    SEVERITIES.flatMap((severity) => {
      const topic = byArn.get(topics[severity] ?? '');
      return topic ? [[severity, topic] as const] : [];
    }),
  );
}

/**
 * Makes topics that exist those that alarms notify. Adds to their policies, and to those of their keys, what CloudWatch
 * needs; warns where that is not possible because they are imported. Throws `InvalidSettings` when notifications could
 * never arrive.
 */
export function adoptTopics(scope: Construct, bySeverity: OwnTopics): OwnTopics {
  const topics = SEVERITIES.flatMap((severity) => bySeverity[severity] ?? []);
  for (const topic of new Map(topics.map((topic) => [topic.topicArn, topic])).values()) {
    requireHere(scope, {
      what: `The topic ${topic.node.path}`,
      resource: topic,
      because: 'an alarm can only notify a topic of its own',
      aspects: ['region'],
    });
    allowPublishing(scope, topic);
    const key = keyOf(topic);
    if (key) allowEncrypting(scope, topic, key);
  }
  return bySeverity;
}

function allowPublishing(scope: Construct, topic: sns.ITopic): void {
  if (allowAlarmsToPublish(scope, topic).statementAdded) return;
  Annotations.of(scope).addWarningV2(
    'toolwatch:topicPolicy',
    `The topic ${topic.node.path} is imported, so its policy is not changed here; ` +
      'see to it that it lets cloudwatch.amazonaws.com publish (docs/existing-apps.md), or notifications are lost.',
  );
}

const keyOf = ({ masterKey, node }: sns.ITopic): kms.IKey | string | undefined => {
  const { defaultChild } = node;
  return masterKey ?? (defaultChild instanceof sns.CfnTopic ? defaultChild.kmsMasterKeyId : undefined);
};

function allowEncrypting(scope: Construct, topic: sns.ITopic, key: kms.IKey | string): void {
  const id = typeof key === 'string' ? key : aliasOf(key);
  if (id !== undefined && AWS_OWNED_KEY.test(id)) {
    throw new InvalidSettings(
      `The topic ${topic.node.path} is encrypted with ${id}, which CloudWatch may not use; ` +
        'give it a key of your own, or none.',
    );
  }
  if (typeof key !== 'string' && allowAlarmsToEncrypt(scope, key).statementAdded) return;
  Annotations.of(scope).addWarningV2(
    'toolwatch:topicKey',
    `The key of the topic ${topic.node.path} is imported, so its policy is not changed here; see to it that it lets ` +
      'cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey* (docs/existing-apps.md), ' +
      'or notifications are lost.',
  );
}

const aliasOf = (key: kms.IKey): string | undefined =>
  'aliasName' in key && typeof key.aliasName === 'string' ? key.aliasName : undefined;
