import type { Scenario } from './scenario.ts';
import type { Page } from './scenario-run.ts';
import { allStacks, parseTemplate, type Stack } from './template.ts';

/** Alarm packs that others ship, as they come, over the functions of our template: to see ours beside them. */

interface Tool {
  name: string;
  errorRate: number;
  p95Ms: number;
}

const toolsIn = (stacks: readonly Stack[]): Tool[] => {
  const alarms = allStacks(stacks).flatMap(({ template }) =>
    Object.values(template.Resources).map(({ Properties }) => Properties),
  );
  const thresholdOf = (name: string) => Number(alarms.find(({ AlarmName }) => AlarmName === name)?.Threshold);
  return alarms.flatMap(({ AlarmName }) => {
    const name = /^tool\/([^/]+)\/failing$/.exec(String(AlarmName))?.[1];
    return name
      ? [{ name, errorRate: thresholdOf(`tool/${name}/failing`), p95Ms: thresholdOf(`tool/${name}/slow`) }]
      : [];
  });
};

const alarm = (name: string, properties: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { AlarmName: name, AlarmActions: ['topic'], OKActions: ['topic'], ...properties },
});
const ofFunction = (tool: string) => [{ Name: 'FunctionName', Value: `toolwatch-tool-${tool}` }];

/** serverless-plugin-aws-alerts: the four definitions of its `src/defaults/definitions.js`. */
const serverlessAlerts = ({ name }: Tool) =>
  [
    ['Invocations', 'Sum', 100],
    ['Errors', 'Sum', 1],
    ['Duration', 'Average', 500],
    ['Throttles', 'Sum', 1],
  ].map(([MetricName, Statistic, Threshold]) =>
    alarm(`${name}/${MetricName}`, {
      Namespace: 'AWS/Lambda',
      MetricName,
      Dimensions: ofFunction(name),
      Statistic,
      Threshold,
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'missing',
    }),
  );

/**
 * cdk-monitoring-constructs: fault rate and latency with its defaults (five minutes, three of three windows). It has no
 * thresholds of its own, so it gets ours.
 */
const monitoringConstructs = ({ name, errorRate, p95Ms }: Tool) => {
  const stat = (Id: string, MetricName: string, Stat: string) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions: ofFunction(name) }, Period: 300, Stat },
  });
  const common = {
    EvaluationPeriods: 3,
    DatapointsToAlarm: 3,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  };
  return [
    alarm(`${name}/Fault-Rate`, {
      ...common,
      Threshold: errorRate,
      Metrics: [
        { Id: 'rate', Expression: 'faults / calls', ReturnData: true },
        stat('faults', 'Errors', 'Sum'),
        stat('calls', 'Invocations', 'Sum'),
      ],
    }),
    alarm(`${name}/Latency-P90`, {
      ...common,
      Threshold: p95Ms,
      Namespace: 'AWS/Lambda',
      MetricName: 'Duration',
      Dimensions: ofFunction(name),
      ExtendedStatistic: 'p90',
      Period: 300,
    }),
  ];
};

const stackOf = (name: string, alarms: object[]): Stack => ({
  name,
  template: parseTemplate({ Resources: Object.fromEntries(alarms.map((one, index) => [`Alarm${index}`, one])) }),
});

/** The packs by name, each as stacks with nothing but its alarms. */
export const packsFor = (stacks: readonly Stack[]): Record<string, Stack[]> => {
  const tools = toolsIn(stacks);
  return {
    'serverless-plugin-aws-alerts': [stackOf('Serverless', tools.flatMap(serverlessAlerts))],
    'cdk-monitoring-constructs': [stackOf('Monitoring', tools.flatMap(monitoringConstructs))],
  };
};

/** What can be compared: scenarios about tools. */
export const isAboutTools = ({ expected, readings, refresh_stops_at }: Scenario): boolean =>
  readings.length === 0 &&
  refresh_stops_at === undefined &&
  expected.every(({ alarm }) => /^(tool|fleet)\//.test(alarm));

/** How alarms of any name fared: whether trouble was told, how soon, and how often somebody was told of none. */
export interface Score {
  missed: boolean;
  /** Minutes; nothing when there was no trouble or nobody was told. */
  delay: number | undefined;
  falsePages: number;
}

export const scoreOf = (one: Scenario, pages: readonly Page[]): Score => {
  const alarms = pages.filter(({ state }) => state === 'ALARM');
  const from = Math.min(...one.expected.map((expected) => expected.from));
  const inTime = alarms.filter(({ minute }) => minute >= from);
  const [first] = inTime;
  return {
    missed: one.expected.length > 0 && !first,
    delay: one.expected.length > 0 && first ? first.minute - from : undefined,
    falsePages: alarms.length - (one.expected.length > 0 ? inTime.length : 0),
  };
};
