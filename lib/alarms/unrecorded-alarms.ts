import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, callMetric } from '../metrics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, MetricAlarmSpec } from './alarm-spec.ts';
import { isFull } from './monitoring.ts';

/** A function, and the tools whose lines it writes: each of its runs writes at least one line of one of them. */
export interface CountedFunction {
  readonly functionName: string;
  /** The alarms are named after the first. At most `MAX_TOOLS_OF_FUNCTION`. */
  readonly tools: readonly [string, ...string[]];
  readonly owner?: string | undefined;
}

/** An alarm reads ten metrics; two of them are Lambda's. */
export const MAX_TOOLS_OF_FUNCTION = 8;

/**
 * Two windows in a row, because a run is counted when it begins and its line when it has ended: what falls between two
 * windows is missing in one and a surplus in the next. The windows begin after the alarm exists: a function may have run
 * without lines before.
 */
const TWO_WINDOWS = { badWindows: 2, windows: 2, startsAfterWholeWindows: true } as const;

const HOUR = Duration.hours(1);
/** Fewer runs in an hour, or fewer missing lines, show no share. */
const MIN_RUNS = 10;
const MIN_MISSING = 3;
/** While traffic grows, calls that have not ended are a smaller share than this. */
const MISSING_SHARE = 0.05;

/** CloudWatch looks back a day at most. */
const HALF_A_DAY = Duration.hours(12);
/** In each half of a day. */
const MIN_RARE_RUNS = 3;

/**
 * Adds the alarms that a function runs and its lines are missing, in which case every other alarm of its tools is blind.
 * Runs that Lambda counts as errors are left out: it may have killed them before they wrote a line, which has an alarm of
 * its own. Retries are runs, and write lines, like any other.
 */
export function addUnrecordedAlarms(scope: Construct, context: AlarmContext, counted: CountedFunction): void {
  addAlarm(scope, context, linesMissingSpec(context, counted));
  if (isFull(context.settings)) addAlarm(scope, context, noLinesSpec(context, counted));
}

function linesMissingSpec(context: AlarmContext, counted: CountedFunction): MetricAlarmSpec {
  const { runs, lines, usingMetrics } = readCounts(context, counted, HOUR);
  const missing = `(${runs} - ${lines})`;
  return {
    name: `tool/${counted.tools[0]}/lines-missing`,
    severity: 'warning',
    owner: counted.owner,
    means:
      `In each of the last two hours more than ${MISSING_SHARE * 100}% of the runs of the function of ` +
      `${listOf(counted.tools)} wrote no line: no other alarm sees those calls.`,
    metric: new cloudwatch.MathExpression({
      expression:
        `IF(${runs} >= ${MIN_RUNS} AND ${missing} >= ${MIN_MISSING} AND ${missing} > ${MISSING_SHARE} * ${runs}, ` +
        `${missing} / ${runs}, 0)`,
      label: `share of runs without a line of ${counted.tools[0]}`,
      usingMetrics,
      period: HOUR,
    }),
    threshold: MISSING_SHARE,
    ...TWO_WINDOWS,
  };
}

function noLinesSpec(context: AlarmContext, counted: CountedFunction): MetricAlarmSpec {
  const { runs, lines, usingMetrics } = readCounts(context, counted, HALF_A_DAY);
  return {
    name: `tool/${counted.tools[0]}/no-lines`,
    severity: 'warning',
    owner: counted.owner,
    means: `The function of ${listOf(counted.tools)} has run for a day and written no line: no other alarm sees its calls.`,
    metric: new cloudwatch.MathExpression({
      expression: `IF(${runs} >= ${MIN_RARE_RUNS} AND ${lines} < 1, ${runs}, 0)`,
      label: `runs of ${counted.tools[0]} while there are no lines`,
      usingMetrics,
      period: HALF_A_DAY,
    }),
    threshold: 0,
    ...TWO_WINDOWS,
  };
}

/** How often the function ran without an error, and how many lines its tools wrote, as terms of metric math. */
function readCounts({ settings }: AlarmContext, { functionName, tools }: CountedFunction, period: Duration) {
  const ofLambda = (name: 'Invocations' | 'Errors') =>
    awsMetric('AWS/Lambda', name, { FunctionName: functionName }, { statistic: 'Sum', period });
  // Each line has its duration; one that failed by its caller's fault has no sample of `error`.
  const lines = tools.map((tool) =>
    callMetric(deploymentNameOf(settings), tool, 'duration', { statistic: 'SampleCount', period }),
  );
  return {
    // Without runs there is no value, which is as good as none missing.
    runs: '(invocations - FILL(errors, 0))',
    lines: `(${lines.map((_, index) => `FILL(lines${index}, 0)`).join(' + ')})`,
    usingMetrics: {
      invocations: ofLambda('Invocations'),
      errors: ofLambda('Errors'),
      ...Object.fromEntries(lines.map((metric, index) => [`lines${index}`, metric])),
    },
  };
}

/** In a sentence; an alarm's description has no room for every name. */
const listOf = ([first, ...others]: CountedFunction['tools']): string => {
  const [second] = others;
  if (second === undefined) return first;
  return others.length === 1 ? `${first} and ${second}` : `${first} and ${others.length} other tools`;
};
