import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, type SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { type Check, type Finding, findingIf } from './finding.ts';

/**
 * In every alarm of ours missing data is either good or bad, so CloudWatch can evaluate it as soon as its warm-up is
 * over, two days at most. An alarm without a state after three days reads something that CloudWatch cannot compute.
 */
const MAX_UNEVALUATED_MS = 3 * DAY_MS;

/** What the doctor reads of an alarm. */
export type Alarm = Pick<
  MetricAlarm,
  | 'AlarmName'
  | 'ActionsEnabled'
  | 'AlarmActions'
  | 'StateValue'
  | 'StateReason'
  | 'StateUpdatedTimestamp'
  | 'EvaluationState'
>;

const listAlarms = async (client: CloudWatchClient): Promise<Alarm[]> => {
  const alarms: Alarm[] = [];
  const types = ['MetricAlarm', 'CompositeAlarm'] as const;
  for await (const page of paginateDescribeAlarms({ client }, { AlarmTypes: [...types] }))
    alarms.push(...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? []));
  return alarms;
};

/** Why CloudWatch does not evaluate an alarm; nothing when it does. */
const reasonNotEvaluated = (
  { StateValue, StateReason, StateUpdatedTimestamp, EvaluationState }: Alarm,
  now: number,
): string | undefined => {
  if (EvaluationState) return `${EvaluationState}, ${StateReason}`;
  const waitedMs = now - (StateUpdatedTimestamp?.getTime() ?? now);
  return StateValue === 'INSUFFICIENT_DATA' && waitedMs > MAX_UNEVALUATED_MS
    ? `INSUFFICIENT_DATA for ${Math.floor(waitedMs / DAY_MS)} days`
    : undefined;
};

/** What is wrong with one alarm, as CloudWatch describes it. */
export const alarmFindings = (alarm: Alarm, now = Date.now()): Finding[] => {
  const { AlarmName, ActionsEnabled } = alarm;
  const reason = reasonNotEvaluated(alarm, now);
  return [
    ...findingIf(
      ActionsEnabled === false,
      `The actions of ${AlarmName} are switched off.`,
      `aws cloudwatch enable-alarm-actions --alarm-names ${AlarmName}`,
    ),
    ...findingIf(
      reason !== undefined,
      `CloudWatch cannot evaluate ${AlarmName}: ${reason}.`,
      `Check what it reads: aws cloudwatch describe-alarms --alarm-names ${AlarmName}; ` +
        `if it was changed manually, deploy again.`,
    ),
  ];
};

/** Alarms that are missing, would not notify or are not evaluated. `expected` names those that must exist. */
export const alarmsCheck = (client: CloudWatchClient, expected: readonly string[]): Check => ({
  title: 'alarms',
  needs: ['cloudwatch:DescribeAlarms'],
  findings: async () => {
    const alarms = await listAlarms(client);
    const byName = new Map(alarms.map((alarm) => [alarm.AlarmName ?? '', alarm]));
    return expected.flatMap((name) => {
      const alarm = byName.get(name);
      return alarm ? alarmFindings(alarm) : [{ what: `There is no alarm ${name}.`, remedy: 'npx cdk deploy' }];
    });
  },
});

const isConfirmed = ({ SubscriptionArn }: Subscription): boolean => SubscriptionArn?.startsWith('arn:') ?? false;

const findTopicProblems = async (sns: SNSClient, topic: string): Promise<Finding[]> => {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
  const name = topic.split(':').at(-1);
  const unconfirmed = Subscriptions.filter((subscription) => !isConfirmed(subscription)).map(({ Endpoint }) => ({
    what: `${Endpoint} has not confirmed its subscription to ${name} and receives nothing.`,
    remedy: 'Open the message that AWS sent it; `aws sns subscribe` with the same address sends a new one.',
  }));
  return [
    ...findingIf(
      !Subscriptions.some(isConfirmed),
      `The topic ${name} has no confirmed recipient.`,
      'Write a recipient under alerts in cdk.json and deploy. AWS forgets one that does not confirm within 48 hours; ' +
        '`aws sns subscribe` with the same address asks it again.',
    ),
    ...unconfirmed,
  ];
};

/** Topics of alarms that have no recipient, or one that has not confirmed. */
export const recipientsCheck = (
  clients: { cloudwatch: CloudWatchClient; sns: SNSClient },
  expected: readonly string[],
): Check => ({
  title: 'recipients',
  needs: ['cloudwatch:DescribeAlarms', 'sns:ListSubscriptionsByTopic'],
  findings: async () => {
    const alarms = (await listAlarms(clients.cloudwatch)).filter(({ AlarmName = '' }) => expected.includes(AlarmName));
    const topics = new Set(alarms.flatMap(({ AlarmActions = [] }) => AlarmActions).filter((arn) => /:sns:/.test(arn)));
    const findings = await Promise.all([...topics].map((topic) => findTopicProblems(clients.sns, topic)));
    return findings.flat();
  },
});

/** What the notifier's own alarms say of it: that it does not work, or that it could not read notifications. */
export const notifierFindings = (alarms: readonly Alarm[]): Finding[] => {
  const stateOf = (name: string) => alarms.find(({ AlarmName = '' }) => AlarmName.endsWith(name))?.StateValue;
  return [
    ...findingIf(
      stateOf('pipeline/notifier-works') === 'OK',
      'The notifier does not work: alarms reach people only by the direct path.',
      'docs/runbook.md#pipelinenotifier-stopped',
    ),
    ...findingIf(
      stateOf('pipeline/notifications-unread') === 'ALARM',
      'Notifications of alarms wait that the notifier could not read.',
      'docs/runbook.md#pipelinenotifications-unread',
    ),
  ];
};

/** Whether the notifier works and has read everything. `expected` names the deployment's alarms. */
export const notifierCheck = (client: CloudWatchClient, expected: readonly string[]): Check => ({
  title: 'the notifier',
  needs: ['cloudwatch:DescribeAlarms'],
  findings: async () =>
    notifierFindings((await listAlarms(client)).filter(({ AlarmName = '' }) => expected.includes(AlarmName))),
});
