import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Transition } from '../cloudwatch/alarm-message.ts';
import type { AlarmDescription, Alarms } from '../cloudwatch/alarms.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { Place } from '../place.ts';
import { answerMutes } from './cloudwatch-mutes.ts';
import { type ApiResponse, jsonResponse, operationOf, parseJsonBody, type ServiceApi } from './request.ts';

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const metricDataQuery = z.strictObject({
  Id: z.string(),
  MetricStat: z.object({
    Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
    Period: z.int().positive(),
    Stat: z.string(),
  }),
});
const getMetricDataInput = z.object({
  /** In seconds, like `EndTime` and `Period`. */
  StartTime: z.number(),
  EndTime: z.number(),
  MetricDataQueries: z.array(metricDataQuery).max(500),
});
type GetMetricDataInput = z.output<typeof getMetricDataInput>;

/** The result of a query: a value for each period that has data, newest first. */
const resultOf = (
  metrics: Metrics,
  { StartTime, EndTime }: GetMetricDataInput,
  { Id, MetricStat }: GetMetricDataInput['MetricDataQueries'][number],
) => {
  const { Metric, Period, Stat } = MetricStat;
  const metricId = {
    namespace: Metric.Namespace,
    name: Metric.MetricName,
    dimensions: Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
  const points: [at: number, value: number][] = [];
  for (let from = Math.floor(StartTime / Period) * Period; from < EndTime; from += Period) {
    const datapoint = metrics.statistic(metricId, Stat, from * 1_000, (from + Period) * 1_000);
    if (datapoint) points.unshift([from, datapoint.value]);
  }
  return {
    Id,
    Label: Metric.MetricName,
    StatusCode: 'Complete',
    Timestamps: points.map(([at]) => at),
    Values: points.map(([, value]) => value),
  };
};

const getMetricData = (metrics: Metrics, input: GetMetricDataInput): ApiResponse =>
  jsonResponse({
    MetricDataResults: input.MetricDataQueries.map((query) => resultOf(metrics, input, query)),
    Messages: [],
  });

const describeAlarmsInput = z.object({
  AlarmNames: z.array(z.string()).optional(),
  AlarmNamePrefix: z.string().default(''),
  AlarmTypes: z.array(z.string()).default(['MetricAlarm']),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).optional(),
});

const alarmJson = ({
  name,
  arn,
  state,
  since,
  configuredAt,
  enabled,
  actions,
  description,
  reads,
  history,
}: AlarmDescription) => ({
  AlarmName: name,
  AlarmDescription: description,
  AlarmArn: arn,
  StateValue: state,
  StateReason: history.at(-1)?.reason ?? 'Unchecked: Initial alarm creation',
  StateUpdatedTimestamp: (history.at(-1)?.at ?? since) / 1_000,
  StateTransitionedTimestamp: since / 1_000,
  AlarmConfigurationUpdatedTimestamp: configuredAt / 1_000,
  Namespace: reads.Namespace,
  MetricName: reads.MetricName,
  Dimensions: reads.Dimensions,
  Metrics: reads.Metrics,
  ActionsEnabled: enabled,
  AlarmActions: actions.ALARM,
  OKActions: actions.OK,
  InsufficientDataActions: actions.INSUFFICIENT_DATA,
});

const describeAlarms = (alarms: Alarms, input: z.output<typeof describeAlarmsInput>): ApiResponse => {
  const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue } = input;
  const selected = alarms
    .describe()
    .filter(({ state }) => StateValue === undefined || state === StateValue)
    .filter(({ name }) => (AlarmNames ? AlarmNames.includes(name) : name.startsWith(AlarmNamePrefix)));
  const ofType = (type: AlarmDescription['type']) =>
    AlarmTypes.includes(type) ? selected.filter((alarm) => alarm.type === type).map(alarmJson) : [];
  return jsonResponse({ MetricAlarms: ofType('MetricAlarm'), CompositeAlarms: ofType('CompositeAlarm') });
};

const describeAlarmContributorsInput = z.strictObject({ AlarmName: z.string().min(1).max(255) });

/** Those for which an alarm that groups fires. */
const describeAlarmContributors = (
  alarms: Alarms,
  { AlarmName }: z.output<typeof describeAlarmContributorsInput>,
): ApiResponse => {
  const found = alarms.describe().find(({ name }) => name === AlarmName);
  if (!found) throw new AwsError('ResourceNotFoundException', `There is no alarm ${AlarmName}`, 404);
  const firing = [...found.contributors].filter(([, state]) => state === 'ALARM');
  return jsonResponse({
    AlarmContributors: firing.map(([key]) => {
      const last = found.history.findLast(({ contributor }) => Object.values(contributor).join('/') === key);
      return {
        ContributorId: key,
        ContributorAttributes: last?.contributor ?? {},
        StateReason: last?.reason ?? '',
        StateTransitionedTimestamp: (last?.at ?? found.since) / 1_000,
      };
    }),
  });
};

const describeAlarmHistoryInput = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmTypes: z.array(z.string()).optional(),
  HistoryItemType: z.literal('StateUpdate'),
  /** In seconds, like `EndDate`. */
  StartDate: z.number().default(0),
  EndDate: z.number().default(Number.POSITIVE_INFINITY),
  ScanBy: z.literal('TimestampDescending').optional(),
  MaxRecords: z.int().min(1).max(100).default(50),
  NextToken: z.string().optional(),
});

const historyJson = ({ alarm, at, from, to, reason }: Transition) => ({
  AlarmName: alarm,
  Timestamp: at / 1_000,
  HistoryItemType: 'StateUpdate',
  HistorySummary: `Alarm updated from ${from} to ${to}`,
  HistoryData: JSON.stringify({
    version: '1.0',
    oldState: { stateValue: from },
    newState: { stateValue: to, stateReason: reason },
  }),
});

const describeAlarmHistory = (alarms: Alarms, input: z.output<typeof describeAlarmHistoryInput>): ApiResponse => {
  const { AlarmName, StartDate, EndDate, MaxRecords, NextToken = '0' } = input;
  const found = alarms
    .history()
    .filter(({ alarm }) => AlarmName === undefined || alarm === AlarmName)
    .filter(({ at }) => at >= StartDate * 1_000 && at < EndDate * 1_000);
  const end = Number(NextToken) + MaxRecords;
  return jsonResponse({
    AlarmHistoryItems: found.slice(Number(NextToken), end).map(historyJson),
    ...(end < found.length && { NextToken: String(end) }),
  });
};

const listMetricsInput = z.strictObject({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string().optional() })).default([]),
});

const listMetrics = (metrics: Metrics, input: z.output<typeof listMetricsInput>): ApiResponse => {
  const { Namespace, MetricName, Dimensions } = input;
  const found = metrics
    .list()
    .filter(({ namespace }) => Namespace === undefined || namespace === Namespace)
    .filter(({ name }) => MetricName === undefined || name === MetricName)
    .filter(({ dimensions }) =>
      Dimensions.every(({ Name, Value = dimensions[Name] }) => Name in dimensions && dimensions[Name] === Value),
    );
  return jsonResponse({
    Metrics: found.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
  });
};

/**
 * GetMetricData without metric math, ListMetrics, DescribeAlarms and DescribeAlarmContributors, each with everything in
 * one page; the history of states; and mute rules.
 */
export const createCloudwatchApi =
  (place: Place, iam: Iam, metrics: Metrics, alarms: () => Alarms): ServiceApi =>
  (request, principal) => {
    const operation = operationOf(request, 'GraniteServiceVersion20100801');
    if (operation === 'GetMetricData') {
      iam.authorize({ principal, action: 'cloudwatch:GetMetricData', resource: '*' });
      return getMetricData(metrics, getMetricDataInput.parse(parseJsonBody(request)));
    }
    if (operation === 'ListMetrics') {
      iam.authorize({ principal, action: 'cloudwatch:ListMetrics', resource: '*' });
      return listMetrics(metrics, listMetricsInput.parse(parseJsonBody(request)));
    }
    if (operation === 'DescribeAlarms') {
      iam.authorize({ principal, action: 'cloudwatch:DescribeAlarms', resource: '*' });
      return describeAlarms(alarms(), describeAlarmsInput.parse(parseJsonBody(request)));
    }
    if (operation === 'DescribeAlarmContributors') {
      iam.authorize({ principal, action: 'cloudwatch:DescribeAlarmContributors', resource: '*' });
      return describeAlarmContributors(alarms(), describeAlarmContributorsInput.parse(parseJsonBody(request)));
    }
    if (operation === 'DescribeAlarmHistory') {
      iam.authorize({ principal, action: 'cloudwatch:DescribeAlarmHistory', resource: '*' });
      return describeAlarmHistory(alarms(), describeAlarmHistoryInput.parse(parseJsonBody(request)));
    }
    return answerMutes({ iam, place, alarms: alarms() }, operation, principal, () => parseJsonBody(request));
  };
