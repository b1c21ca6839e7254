import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
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
  'AlarmName' | 'StateValue' | 'StateReason' | 'StateUpdatedTimestamp' | 'EvaluationState'
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
  const { AlarmName } = alarm;
  const reason = reasonNotEvaluated(alarm, now);
  return findingIf(
    reason !== undefined,
    `CloudWatch cannot evaluate ${AlarmName}: ${reason}.`,
    `Check what it reads: aws cloudwatch describe-alarms --alarm-names ${AlarmName}; ` +
      `if it was changed manually, deploy again.`,
  );
};

/** Alarms that are missing or are not evaluated. `expected` names those that must exist. */
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
