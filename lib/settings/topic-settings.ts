import * as z from 'zod';
import { SEVERITIES } from '../../lambdas/contract/severity.ts';

const topicArn = z
  .string()
  .regex(/^arn:[\w-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'write the ARN of an SNS topic that is not FIFO')
  .optional();

/** Topics that exist. What their policies must allow is in docs/deploying.md. */
export const topicSettings = z
  .strictObject({
    critical: topicArn.describe('Instead of a topic with the recipients of `alerts.critical`.'),
    warning: topicArn.describe('Instead of a topic with the recipients of `alerts.warning`; it may be the same one.'),
  })
  .prefault({})
  .describe('SNS topics of your own, by their ARNs, with the subscriptions they have. Default: new ones.');

interface Notified {
  readonly topics: z.output<typeof topicSettings>;
  readonly alerts: Readonly<Record<'critical' | 'warning', { readonly emails: string[]; readonly https: string[] }>>;
  readonly region?: string | undefined;
}

/** Topics in another region, or beside recipients that would receive nothing, in sentences that say what to write. */
export const validateTopicSettings = ({ topics, alerts, region }: Notified): string[] =>
  SEVERITIES.flatMap((severity) => {
    const topic = topics[severity];
    if (topic === undefined) return [];
    const topicRegion = topic.split(':')[3];
    const { emails, https } = alerts[severity];
    return [
      ...(emails.length + https.length > 0
        ? [
            `Setting alerts.${severity}: it has no effect beside topics.${severity}; subscribe its recipients to that ` +
              'topic, or leave it out.',
          ]
        : []),
      ...(region !== undefined && topicRegion !== region
        ? [
            `Setting topics.${severity}: the topic is in ${topicRegion} and the deployment in ${region}; ` +
              `write a topic of ${region}.`,
          ]
        : []),
    ];
  });
