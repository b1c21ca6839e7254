import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { alarmName } from '../alarms/alarm.ts';
import { alarmArn } from '../alarms/alarm-arn.ts';
import { type CallLogSettings, callLogName } from '../call-log-name.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { callMetric } from '../metrics.ts';
import { HALF_WIDTH, PERIOD, WIDTH } from './layout.ts';

/** Stands for the chosen tool in the dashboard's text, where CloudWatch replaces it. Valid in names of alarms. */
const CHOSEN = 'TOOL_CHOSEN_ABOVE';

/** The choice of a tool above the dashboard, beginning with the first of the names. */
export const toolVariable = (names: readonly string[]): cloudwatch.DashboardVariable =>
  new cloudwatch.DashboardVariable({
    id: 'tool',
    label: 'Tool',
    type: cloudwatch.VariableType.PATTERN,
    value: CHOSEN,
    inputType: cloudwatch.VariableInputType.SELECT,
    values: cloudwatch.Values.fromValues(...names.map((value) => ({ label: value, value }))),
    defaultValue: cloudwatch.DefaultValue.value(names[0]),
  });

/** The calls of the chosen tool, what its alarms compare with which threshold, and its newest failures. */
export function chosenToolRows(scope: Construct, settings: CallLogSettings): cloudwatch.IWidget[][] {
  const service = deploymentNameOf(settings);
  const alarm = (condition: string): cloudwatch.IAlarm => {
    const name = alarmName(settings, `tool/${CHOSEN}/${condition}`);
    return cloudwatch.Alarm.fromAlarmArn(scope, `Chosen-${condition}`, alarmArn(Stack.of(scope), name));
  };
  const calls = new cloudwatch.GraphWidget({
    title: `${CHOSEN}: calls, and those that failed`,
    width: HALF_WIDTH,
    left: [
      callMetric(service, CHOSEN, 'duration', { statistic: 'SampleCount', period: PERIOD }).with({ label: 'calls' }),
    ],
    right: [callMetric(service, CHOSEN, 'error', { statistic: 'Sum', period: PERIOD }).with({ label: 'failures' })],
    leftYAxis: { min: 0 },
    rightYAxis: { min: 0 },
  });
  const durations = new cloudwatch.GraphWidget({
    title: `${CHOSEN}: durations`,
    width: HALF_WIDTH,
    left: ['p50', 'p95', 'p99'].map((statistic) =>
      callMetric(service, CHOSEN, 'duration', { statistic, period: PERIOD }),
    ),
    leftYAxis: { min: 0 },
  });
  const threshold = (title: string, condition: string) =>
    new cloudwatch.AlarmWidget({ title: `${CHOSEN}: ${title}`, width: HALF_WIDTH, alarm: alarm(condition) });
  const failures = new cloudwatch.LogQueryWidget({
    title: `${CHOSEN}: newest failures`,
    width: WIDTH,
    logGroupNames: [callLogName(settings)],
    queryLines: [
      'fields @timestamp, error_code, error_type, error_message, fault, tenant_id, version, event_id',
      `filter tool="${CHOSEN}" and success=0`,
      'sort @timestamp desc',
      'limit 20',
    ],
  });
  return [
    [calls, durations],
    [threshold('does it fail too often?', 'failing'), threshold('is it too slow?', 'slow')],
    [failures],
  ];
}
