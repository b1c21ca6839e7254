import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { formatLimit } from '../../lambdas/contract/percent.ts';
import { BEYOND_P95, DEVIATIONS } from '../../lambdas/contract/significance.ts';
import { type ToolThresholds, thresholdsOf } from '../../lambdas/contract/thresholds.ts';
import { criticalP95MsOf, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { callLogName } from '../call-log-name.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { type CallMetric, callMetric } from '../metrics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, AlarmSettings, MetricAlarmSpec } from './alarm-spec.ts';
import { failsTooOften } from './failing.ts';
import { logsUrl } from './logs-url.ts';
import { isFull } from './monitoring.ts';
import { exceedsRateSignificantly } from './significance.ts';

type Facts = MonitoredTool & Partial<Pick<ToolFacts, 'timeoutSeconds'>>;

interface ToolAlarmsProps extends AlarmContext {
  readonly facts: Facts;
}

/** What each of a tool's alarms is made from. */
interface WatchedTool {
  readonly facts: Facts;
  readonly thresholds: ToolThresholds;
  readonly settings: AlarmSettings;
  readonly scope: Construct;
}

/** A tool's own alarms, from its facts. None of them counts the caller's faults. */
export class ToolAlarms extends Construct {
  readonly failing: cloudwatch.Alarm;
  readonly slow: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { facts, ...context }: ToolAlarmsProps) {
    super(scope, id);
    const { settings } = context;
    const tool: WatchedTool = { facts, thresholds: thresholdsOf(facts), settings, scope: this };
    const add = (spec: MetricAlarmSpec) => addAlarm(this, context, { ...spec, owner: facts.alarms.owner });
    this.failing = add(failingSpec(tool));
    this.slow = add(slowSpec(tool));
    if (isFull(settings) && canBeVerySlow(tool)) add(verySlowSpec(tool));
    const { silentAfterMinutes } = facts.alarms;
    if (silentAfterMinutes !== undefined) add(silentSpec(tool, silentAfterMinutes));
  }
}

function failingSpec(tool: WatchedTool): MetricAlarmSpec {
  const { name, error_rate: rate, min_calls: minCalls, min_errors: minErrors } = tool.thresholds;
  const period = periodOf(tool);
  const fails = failsTooOften({ calls: 'calls', errors: 'errors', minCalls, minErrors, rate });
  return {
    name: `tool/${name}/failing`,
    severity: 'critical',
    means: `More than ${formatLimit(rate)} of the calls of ${name} fail, and not by the caller's fault.`,
    metric: new cloudwatch.MathExpression({
      expression: `IF(${fails}, errors / calls, 0)`,
      label: `error rate of ${name}`,
      usingMetrics: { calls: countedCallsOf(tool, period), errors: errorsOf(tool, period) },
      period,
    }),
    threshold: rate,
    badWindows: tool.settings.alarms.badWindows,
    windows: tool.settings.alarms.windows,
    aligned: true,
    logsUrl: linesUrl(tool, 'success=0'),
  };
}

function slowSpec(tool: WatchedTool): MetricAlarmSpec {
  const { name, p95_ms } = tool.thresholds;
  return {
    name: `tool/${name}/slow`,
    severity: 'warning',
    means: `One in twenty calls of ${name} takes longer than ${p95_ms} ms.`,
    metric: slowness(tool, p95_ms, DEVIATIONS.threeOfSix),
    threshold: p95_ms,
    // A warning may take longer than a deployment's cold starts last.
    badWindows: tool.settings.alarms.badWindows + 1,
    windows: tool.settings.alarms.windows + 3,
    aligned: true,
    logsUrl: linesUrl(tool, `duration_ms>${p95_ms}`),
  };
}

/** A tool with a shorter timeout never takes so long: its calls fail before. */
const canBeVerySlow = ({ facts }: WatchedTool): boolean =>
  facts.timeoutSeconds === undefined || criticalP95MsOf(facts) < facts.timeoutSeconds * 1_000;

function verySlowSpec(tool: WatchedTool): MetricAlarmSpec {
  const { name } = tool.thresholds;
  const p95Ms = criticalP95MsOf(tool.facts);
  return {
    name: `tool/${name}/very-slow`,
    severity: 'critical',
    means: `One in twenty calls of ${name} takes longer than ${p95Ms} ms: clients give up before it answers.`,
    metric: slowness(tool, p95Ms, DEVIATIONS.twoOfThree),
    threshold: p95Ms,
    badWindows: tool.settings.alarms.badWindows,
    windows: tool.settings.alarms.windows,
    aligned: true,
    logsUrl: linesUrl(tool, `duration_ms>${p95Ms}`),
  };
}

function silentSpec(tool: WatchedTool, afterMinutes: number): MetricAlarmSpec {
  const { name } = tool.thresholds;
  return {
    name: `tool/${name}/silent`,
    severity: 'critical',
    means: `${name} has had no call for ${afterMinutes} minutes, although it is normally in constant use.`,
    metric: callsOf(tool, Duration.minutes(afterMinutes)),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: 'breaching',
  };
}

const periodOf = ({ settings }: WatchedTool): Duration => Duration.seconds(settings.alarms.periodSeconds);

/** All its calls. */
const callsOf = (tool: WatchedTool, period: Duration): cloudwatch.Metric =>
  metricOf(tool, 'duration', { statistic: 'SampleCount', period });

/** Those that did not fail by their caller's fault. */
const countedCallsOf = (tool: WatchedTool, period: Duration): cloudwatch.Metric =>
  metricOf(tool, 'error', { statistic: 'SampleCount', period });

const errorsOf = (tool: WatchedTool, period: Duration): cloudwatch.Metric =>
  metricOf(tool, 'error', { statistic: 'Sum', period });

const metricOf = (
  { settings, facts }: WatchedTool,
  metric: CallMetric,
  reading: { statistic: string; period: Duration },
) => callMetric(deploymentNameOf(settings), facts.name, metric, reading);

/**
 * The 95th percentile, where significantly more than one in twenty calls take longer than the limit: it is above the
 * limit then, and not by chance. Otherwise 0.
 */
function slowness(tool: WatchedTool, aboveMs: number, deviations: number): cloudwatch.MathExpression {
  const { name, min_errors } = tool.thresholds;
  const period = periodOf(tool);
  const isSignificant = exceedsRateSignificantly('slow', 'calls', BEYOND_P95, deviations);
  return new cloudwatch.MathExpression({
    expression: `IF(slow >= ${min_errors} AND ${isSignificant}, p95, 0)`,
    label: `95th percentile of ${name}, in milliseconds`,
    usingMetrics: {
      // Trimmed count: how many calls took longer, without paying for a metric of slow calls.
      slow: metricOf(tool, 'duration', { statistic: `TC(${aboveMs}:)`, period }),
      calls: callsOf(tool, period),
      p95: metricOf(tool, 'duration', { statistic: 'p95', period }),
    },
    period,
  });
}

const linesUrl = ({ settings, thresholds, scope }: WatchedTool, condition: string): string =>
  logsUrl(scope, callLogName(settings), `filter name="${thresholds.name}" and ${condition} | sort @timestamp desc`);
