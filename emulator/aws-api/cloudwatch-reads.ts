import * as z from 'zod';
import type { AlarmDescription, Alarms } from '../cloudwatch/alarms.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { Service } from './reads.ts';
import { json } from './reads.ts';

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const getMetricData = z.object({
  StartTime: z.number(),
  EndTime: z.number(),
  MetricDataQueries: z
    .array(
      z.strictObject({
        Id: z.string(),
        MetricStat: z.object({
          Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
          Period: z.int().positive(),
          Stat: z.string(),
        }),
      }),
    )
    .max(500),
});

/** Newest first, a value for each period in which there was one. */
const valuesOf = (metrics: Metrics, asked: z.output<typeof getMetricData>) =>
  asked.MetricDataQueries.map(({ Id, MetricStat: { Metric, Period, Stat } }) => {
    const id = {
      namespace: Metric.Namespace,
      name: Metric.MetricName,
      dimensions: Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
    };
    const points: [at: number, value: number][] = [];
    for (let from = Math.floor(asked.StartTime / Period) * Period; from < asked.EndTime; from += Period) {
      const there = metrics.statistic(id, Stat, from * 1_000, (from + Period) * 1_000);
      if (there) points.unshift([from, there.value]);
    }
    return {
      Id,
      Label: Metric.MetricName,
      StatusCode: 'Complete',
      Timestamps: points.map(([at]) => at),
      Values: points.map(([, value]) => value),
    };
  });

const describeAlarms = z.object({
  AlarmNames: z.array(z.string()).optional(),
  AlarmNamePrefix: z.string().default(''),
  AlarmTypes: z.array(z.string()).default(['MetricAlarm']),
});

const described = ({ name, arn, state, since, enabled, actions }: AlarmDescription) => ({
  AlarmName: name,
  AlarmArn: arn,
  StateValue: state,
  StateUpdatedTimestamp: since / 1_000,
  ActionsEnabled: enabled,
  AlarmActions: actions.ALARM,
  OKActions: actions.OK,
  InsufficientDataActions: actions.INSUFFICIENT_DATA,
});

/** GetMetricData without math and DescribeAlarms, each all in one page. */
export const cloudwatchReads =
  (iam: Iam, metrics: Metrics, alarms: () => Alarms): Service =>
  ({ headers, body }, principal) => {
    const action = /^GraniteServiceVersion20100801\.(\w+)$/.exec(headers['x-amz-target'] ?? '')?.[1];
    const asked = (): unknown => JSON.parse(body.toString('utf8'));
    if (action === 'GetMetricData') {
      iam.authorize({ principal, action: 'cloudwatch:GetMetricData', resource: '*' });
      return json({ MetricDataResults: valuesOf(metrics, getMetricData.parse(asked())), Messages: [] });
    }
    if (action === 'DescribeAlarms') {
      iam.authorize({ principal, action: 'cloudwatch:DescribeAlarms', resource: '*' });
      const { AlarmNames, AlarmNamePrefix, AlarmTypes } = describeAlarms.parse(asked());
      const all = alarms()
        .describe()
        .filter(({ name }) => (AlarmNames ? AlarmNames.includes(name) : name.startsWith(AlarmNamePrefix)));
      const ofType = (type: AlarmDescription['type']) =>
        AlarmTypes.includes(type) ? all.filter((one) => one.type === type).map(described) : [];
      return json({ MetricAlarms: ofType('MetricAlarm'), CompositeAlarms: ofType('CompositeAlarm') });
    }
    return undefined;
  };
