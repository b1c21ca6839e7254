import {
  type CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { ALARM_FAMILIES } from '../contract/alarm-families.ts';
import type { Severity } from '../contract/severity.ts';

/** An alarm of the deployment, as CloudWatch has it. */
export interface DeployedAlarm {
  /** In CloudWatch. */
  readonly fullName: string;
  /** Without what the deployment puts in front of it. */
  readonly name: string;
  readonly severity: Severity;
  readonly isFiring: boolean;
  readonly hasActions: boolean;
  /** Whether its actions are enabled. */
  readonly isEnabled: boolean;
}

/** Those of another deployment have its name in front. */
const OURS = new RegExp(`^(${ALARM_FAMILIES.join('|')})/.`);
const SEVERITY = /^Severity: (critical|warning)\./m;

const toDeployed = (
  {
    AlarmName = '',
    AlarmDescription = '',
    StateValue,
    ActionsEnabled,
    AlarmActions = [],
  }: MetricAlarm | CompositeAlarm,
  prefix: string,
): DeployedAlarm[] => {
  const name = AlarmName.slice(prefix.length);
  const severity = SEVERITY.exec(AlarmDescription)?.[1] as Severity | undefined;
  if (!AlarmName.startsWith(prefix) || !OURS.test(name) || severity === undefined) return [];
  return [
    {
      fullName: AlarmName,
      name,
      severity,
      isFiring: StateValue === 'ALARM',
      hasActions: AlarmActions.length > 0,
      isEnabled: ActionsEnabled !== false,
    },
  ];
};

/** The alarms of the deployment that puts `prefix` in front of their names. */
export const listAlarms = async (client: CloudWatchClient, prefix: string): Promise<DeployedAlarm[]> => {
  const alarms: DeployedAlarm[] = [];
  const input = {
    AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
    ...(prefix && { AlarmNamePrefix: prefix }),
  };
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, input))
    alarms.push(...[...MetricAlarms, ...CompositeAlarms].flatMap((alarm) => toDeployed(alarm, prefix)));
  return alarms;
};
