import {
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmContributorsCommand,
  type MetricAlarm,
  paginateDescribeAlarms,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { ALARM_FAMILIES } from '../contract/alarms/alarm-families.ts';
import { nameAlarm } from '../contract/alarms/alarm-name.ts';
import type { AlarmState } from '../contract/alarms/alarms-report.ts';
import type { Severity } from '../contract/severity.ts';

/** An alarm of the deployment, as CloudWatch has it. */
export interface DeployedAlarm {
  /** In CloudWatch. */
  readonly fullName: string;
  /** Without what the deployment puts in front of it. */
  readonly name: string;
  readonly severity: Severity;
  readonly state: AlarmState;
  /** Since when, in milliseconds since 1970. */
  readonly since: number | undefined;
  /** Why, in CloudWatch's words. */
  readonly reason: string;
  readonly description: string;
  /** Whether it has a state for each of many names. */
  readonly isGrouped: boolean;
  readonly hasActions: boolean;
  /** Whether its actions are enabled. */
  readonly isEnabled: boolean;
}

/** One name for which an alarm over many names fires. */
export interface FiringContributor {
  /** As an alarm of its own: `tool/order_status/trickle`. */
  readonly name: string;
  readonly since: number | undefined;
  readonly reason: string;
}

/** Those of another deployment have its name in front. */
const OURS = new RegExp(`^(${ALARM_FAMILIES.join('|')})/.`);
const SEVERITY = /^Severity: (critical|warning)\./m;

const STATE_VALUES = { firing: 'ALARM', no_data: 'INSUFFICIENT_DATA', ok: 'OK' } as const satisfies Readonly<
  Record<AlarmState, StateValue>
>;

const stateOf = (value: StateValue | undefined): AlarmState => {
  if (value === 'ALARM') return 'firing';
  return value === 'OK' ? 'ok' : 'no_data';
};

const isGrouped = (alarm: MetricAlarm | CompositeAlarm): boolean =>
  'Metrics' in alarm && (alarm.Metrics ?? []).some(({ Expression = '' }) => Expression.includes(' GROUP BY '));

const toDeployed = (found: MetricAlarm | CompositeAlarm, prefix: string): DeployedAlarm[] => {
  const { AlarmName = '', AlarmDescription = '', ActionsEnabled, AlarmActions = [] } = found;
  const name = AlarmName.slice(prefix.length);
  const severity = SEVERITY.exec(AlarmDescription)?.[1] as Severity | undefined;
  if (!AlarmName.startsWith(prefix) || !OURS.test(name) || severity === undefined) return [];
  return [
    {
      fullName: AlarmName,
      name,
      severity,
      state: stateOf(found.StateValue),
      // The other of the two times moves with the reason, while the state lasts.
      since: (found.StateTransitionedTimestamp ?? found.StateUpdatedTimestamp)?.getTime(),
      reason: found.StateReason ?? '',
      description: AlarmDescription,
      isGrouped: isGrouped(found),
      hasActions: AlarmActions.length > 0,
      isEnabled: ActionsEnabled !== false,
    },
  ];
};

/** The alarms of the deployment that puts `prefix` in front of their names; all of them, or those in one state. */
export const listAlarms = async (
  client: CloudWatchClient,
  prefix: string,
  state?: AlarmState,
): Promise<DeployedAlarm[]> => {
  const alarms: DeployedAlarm[] = [];
  const input = {
    AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
    ...(prefix && { AlarmNamePrefix: prefix }),
    ...(state && { StateValue: STATE_VALUES[state] }),
  };
  const pages = paginateDescribeAlarms({ client, pageSize: 100 }, input);
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages)
    alarms.push(...[...MetricAlarms, ...CompositeAlarms].flatMap((found) => toDeployed(found, prefix)));
  return alarms;
};

/** For which names an alarm over many names fires: all, or at least `atLeast` where there are as many. */
export const listContributors = async (
  client: CloudWatchClient,
  { fullName, name }: DeployedAlarm,
  atLeast = Number.POSITIVE_INFINITY,
): Promise<FiringContributor[]> => {
  const found: FiringContributor[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeAlarmContributorsCommand({ AlarmName: fullName, ...(NextToken && { NextToken }) }),
    );
    for (const { ContributorAttributes = {}, StateReason = '', StateTransitionedTimestamp } of page.AlarmContributors ??
      []) {
      const own = nameAlarm([name, ...Object.values(ContributorAttributes)].join('/'));
      found.push({ name: own, since: StateTransitionedTimestamp?.getTime(), reason: StateReason });
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined && found.length < atLeast);
  return found;
};
