import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ChannelQueue } from '../channels/channel-queues.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, channelMetric } from '../metrics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';
import { MAXIMUM, messagesIn, totalOf } from './pipeline.ts';

const MINUTE = Duration.minutes(1);
/** A notice should arrive within seconds. */
const MAX_AGE = Duration.minutes(10);

/**
 * Adds the alarms of a channel. They say that notices do not arrive, so they publish to people and pagers directly, of
 * both severities, and through no channel.
 */
export function addChannelAlarms(scope: Construct, context: AlarmContext, { channel, ...queues }: ChannelQueue): void {
  const { name } = channel;
  const service = deploymentNameOf(context.settings);
  const age = awsMetric('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queues.queue.queueName }, MAXIMUM);
  addAlarm(scope, context, {
    name: `channel/${name}/dead`,
    severity: 'critical',
    notifiesAllSeverities: true,
    means:
      `The channel ${name} refuses everything, and no notice reaches it until somebody changes it or its secret. ` +
      'Its notices are retained.',
    metric: channelMetric(service, name, 'dead', { statistic: 'Maximum', period: MINUTE }),
    threshold: 0,
  });
  addAlarm(scope, context, {
    name: `channel/${name}/dead-letters`,
    severity: 'critical',
    notifiesAllSeverities: true,
    means: `Notices for the channel ${name} could not be delivered. They are in a queue, with what each says.`,
    metric: messagesIn(queues.deadLetters),
    threshold: 0,
  });
  addAlarm(scope, context, {
    name: `channel/${name}/waiting`,
    severity: 'warning',
    notifiesAllSeverities: true,
    means: `A notice for the channel ${name} has been waiting for more than ${MAX_AGE.toMinutes()} minutes.`,
    // What waits in its queue, and what its queue does not take.
    metric: totalOf('seconds', [age, channelMetric(service, name, 'unsent', MAXIMUM)]),
    threshold: MAX_AGE.toSeconds(),
  });
}
