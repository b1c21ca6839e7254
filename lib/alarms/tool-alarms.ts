import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { formatLimit } from '../../lambdas/contract/percent.ts';
import { type ToolThresholds, thresholdsOf } from '../../lambdas/contract/thresholds.ts';
import { criticalP95MsOf, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { callLogName } from '../call-log.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { callMetric } from '../metrics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, AlarmSettings, MetricAlarmSpec } from './alarm-spec.ts';
import { addBurnRates } from './burn-rate.ts';
import { failsTooOften } from './failing.ts';
import { logsUrl } from './logs-url.ts';
import { isFull } from './monitoring.ts';
import { type ProviderReading, readProviderMetrics, type SharedProviders } from './provider-alarms.ts';

type Facts = MonitoredTool & Partial<Pick<ToolFacts, 'timeoutSeconds'>>;

interface ToolAlarmsProps extends AlarmContext {
  readonly facts: Facts;
  readonly sharedProviders: SharedProviders;
}

/** What each of a tool's alarms is made from. */
interface WatchedTool {
  readonly facts: Facts;
  readonly thresholds: ToolThresholds;
  readonly settings: AlarmSettings;
  readonly scope: Construct;
}

/** Six hours in windows of twenty minutes: retries within one window count as one failure, not as three. */
const TRICKLE = { period: Duration.minutes(20), badWindows: 3, windows: 18 };

/** A tool's own alarms, from its facts. None of them counts the caller's faults. */
export class ToolAlarms extends Construct {
  readonly failing: cloudwatch.Alarm;
  readonly slow: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { facts, sharedProviders, ...context }: ToolAlarmsProps) {
    super(scope, id);
    const { settings } = context;
    const tool: WatchedTool = { facts, thresholds: thresholdsOf(facts), settings, scope: this };
    const add = (spec: MetricAlarmSpec) => addAlarm(this, context, { ...spec, owner: facts.alarms.owner });
    this.failing = add(failingSpec(tool, sharedProviders));
    this.slow = add(slowSpec(tool));
    if (isFull(settings) && canBeVerySlow(tool)) add(verySlowSpec(tool));
    if (isFull(settings)) add(trickleSpec(tool));
    const { silentAfterMinutes, objective, owner } = facts.alarms;
    if (silentAfterMinutes !== undefined) add(silentSpec(tool, silentAfterMinutes));
    if (objective !== undefined) {
      addBurnRates(this, context, {
        name: facts.name,
        owner,
        objective,
        minErrors: tool.thresholds.min_errors,
        callsOf: (period) => callsOf(tool, period),
        errorsOf: (period) => errorsOf(tool, period),
        suppressedBy: sharedProviders.get(facts.provider ?? ''),
      });
    }
  }
}

function failingSpec(tool: WatchedTool, sharedProviders: SharedProviders): MetricAlarmSpec {
  const { name, error_rate: rate, min_calls: minCalls, min_errors: minErrors } = tool.thresholds;
  const period = periodOf(tool);
  const fails = failsTooOften({ calls: 'calls', errors: 'errors', minCalls, minErrors, rate });
  const errorRate = `IF(${fails}, errors / calls, 0)`;
  const provider = sharedProviderOf(tool, sharedProviders);
  return {
    name: `tool/${name}/failing`,
    severity: 'critical',
    means: `More than ${formatLimit(rate)} of the calls of ${name} fail, and not by the caller's fault.`,
    metric: new cloudwatch.MathExpression({
      // While a provider is down for several tools, its own alarm notifies on behalf of all of them.
      expression: provider
        ? `IF(${provider.fails} AND ${provider.causesOnlyPart('errors')}, 0, ${errorRate})`
        : errorRate,
      label: `error rate of ${name}`,
      usingMetrics: { calls: callsOf(tool, period), errors: errorsOf(tool, period), ...provider?.metrics },
      period,
    }),
    threshold: rate,
    badWindows: tool.settings.alarms.badWindows,
    windows: tool.settings.alarms.windows,
    aligned: true,
    logsUrl: linesUrl(tool, 'success=0'),
  };
}

function sharedProviderOf(tool: WatchedTool, sharedProviders: SharedProviders): ProviderReading | undefined {
  const { provider } = tool.facts;
  if (provider === undefined || !sharedProviders.has(provider)) return undefined;
  return readProviderMetrics(deploymentNameOf(tool.settings), provider, periodOf(tool), { missingAsZero: true });
}

function slowSpec(tool: WatchedTool): MetricAlarmSpec {
  const { name, p95_ms } = tool.thresholds;
  return {
    name: `tool/${name}/slow`,
    severity: 'warning',
    means: `One in twenty calls of ${name} takes longer than ${p95_ms} ms.`,
    metric: slowness(tool, p95_ms),
    threshold: p95_ms,
    // A warning may take longer than a deployment's cold starts last.
    badWindows: tool.settings.alarms.badWindows + 1,
    windows: tool.settings.alarms.windows + 2,
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
    metric: slowness(tool, p95Ms),
    threshold: p95Ms,
    badWindows: tool.settings.alarms.badWindows,
    windows: tool.settings.alarms.windows,
    aligned: true,
    logsUrl: linesUrl(tool, `duration_ms>${p95Ms}`),
  };
}

function trickleSpec(tool: WatchedTool): MetricAlarmSpec {
  const { name, min_calls } = tool.thresholds;
  const { period, badWindows, windows } = TRICKLE;
  const enoughCalls = (min_calls * period.toSeconds()) / tool.settings.alarms.periodSeconds;
  return {
    name: `tool/${name}/trickle`,
    severity: 'warning',
    means: `${name} is called too rarely to have an error rate, and most of those calls fail.`,
    metric: new cloudwatch.MathExpression({
      expression: `IF(calls < ${enoughCalls}, errors / calls, 0)`,
      label: `error rate of ${name}`,
      usingMetrics: { calls: callsOf(tool, period), errors: errorsOf(tool, period) },
      period,
    }),
    threshold: 0.5,
    badWindows,
    windows,
    logsUrl: linesUrl(tool, 'success=0'),
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

const callsOf = ({ settings, facts }: WatchedTool, period: Duration): cloudwatch.Metric =>
  callMetric(deploymentNameOf(settings), facts.name, 'error', { statistic: 'SampleCount', period });

const errorsOf = ({ settings, facts }: WatchedTool, period: Duration): cloudwatch.Metric =>
  callMetric(deploymentNameOf(settings), facts.name, 'error', { statistic: 'Sum', period });

/** The 95th percentile, or 0 in a window with fewer slow calls than failures would have to be. */
function slowness(tool: WatchedTool, aboveMs: number): cloudwatch.MathExpression {
  const service = deploymentNameOf(tool.settings);
  const { name, min_errors } = tool.thresholds;
  const period = periodOf(tool);
  return new cloudwatch.MathExpression({
    expression: `IF(slow >= ${min_errors}, p95, 0)`,
    label: `95th percentile of ${name}, in milliseconds`,
    usingMetrics: {
      // Trimmed count: how many calls took longer, without paying for a metric of slow calls.
      slow: callMetric(service, name, 'duration', { statistic: `TC(${aboveMs}:)`, period }),
      p95: callMetric(service, name, 'duration', { statistic: 'p95', period }),
    },
    period,
  });
}

const linesUrl = ({ settings, thresholds, scope }: WatchedTool, condition: string): string =>
  logsUrl(scope, callLogName(settings), `filter name="${thresholds.name}" and ${condition} | sort @timestamp desc`);
