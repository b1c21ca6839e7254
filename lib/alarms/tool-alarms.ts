import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { thresholdsOf } from '../../lambdas/contract/thresholds.ts';
import { CRITICAL_P95_MS, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { callLogName } from '../call-log.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { callMetric } from '../metrics.ts';
import { type AlarmContext, addAlarm } from './alarm.ts';
import { addBurnRates } from './burn-rate.ts';
import { logsUrl } from './logs-url.ts';
import { isFull } from './monitoring.ts';
import { readProviderMetrics, type SharedProviders } from './provider-alarms.ts';
import { exceedsRateSignificantly, MIN_CONCLUSIVE_ERRORS } from './significance.ts';

interface ToolAlarmsProps extends AlarmContext {
  readonly facts: MonitoredTool & Partial<Pick<ToolFacts, 'timeoutSeconds'>>;
  readonly sharedProviders: SharedProviders;
}

/** Six hours in windows of twenty minutes: retries within one window are one failure, not three. */
const TRICKLE = { period: Duration.minutes(20), badWindows: 3, windows: 18 };

/** A tool's own alarms, from its facts. The caller's faults are in none of them. */
export class ToolAlarms extends Construct {
  readonly failing: cloudwatch.Alarm;
  readonly slow: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { facts, sharedProviders, ...context }: ToolAlarmsProps) {
    super(scope, id);
    const { service, alarms } = context.settings;
    const { name, error_rate, p95_ms, min_calls, min_errors } = thresholdsOf(facts);
    const { owner, objective, silentAfterMinutes } = facts.alarms;
    const { badWindows, windows } = alarms;
    const period = Duration.seconds(alarms.periodSeconds);
    const callsOf = (every: Duration) =>
      callMetric(service, name, 'error', { statistic: 'SampleCount', period: every });
    const errorsOf = (every: Duration) => callMetric(service, name, 'error', { statistic: 'Sum', period: every });
    const linesWhere = (filter: string) =>
      logsUrl(
        Stack.of(this).region,
        callLogName(context.settings),
        `filter name="${name}" and ${filter} | sort @timestamp desc`,
      );

    const rate = `IF((calls >= ${min_calls} AND errors >= ${min_errors} AND ${exceedsRateSignificantly('errors', 'calls', error_rate)}) OR (errors >= ${Math.max(MIN_CONCLUSIVE_ERRORS, min_errors)} AND 2 * errors >= calls), errors / calls, 0)`;
    const provider =
      facts.provider !== undefined && sharedProviders.has(facts.provider)
        ? readProviderMetrics(service, facts.provider, period, true)
        : undefined;

    const slowness = (above: number) =>
      new cloudwatch.MathExpression({
        expression: `IF(slow >= ${min_errors}, p95, 0)`,
        label: `95th percentile of ${name}, in milliseconds`,
        usingMetrics: {
          // Trimmed count: the calls that took longer, so that nobody pays for a metric of them.
          slow: callMetric(service, name, 'duration', { statistic: `TC(${above}:)`, period }),
          p95: callMetric(service, name, 'duration', { statistic: 'p95', period }),
        },
        period,
      });

    this.failing = addAlarm(this, context, {
      name: `tool/${name}/failing`,
      severity: 'critical',
      owner,
      means: `More than ${percent(error_rate)} of the calls of ${name} fail, and not by the caller's fault.`,
      metric: new cloudwatch.MathExpression({
        // While a service is down for several tools, its own alarm speaks for all of them.
        expression: provider ? `IF(${provider.fails} AND ${provider.isNotAll('errors')}, 0, ${rate})` : rate,
        label: `error rate of ${name}`,
        usingMetrics: { calls: callsOf(period), errors: errorsOf(period), ...provider?.metrics },
        period,
      }),
      threshold: error_rate,
      badWindows,
      windows,
      aligned: true,
      logsUrl: linesWhere('success=0'),
    });
    this.slow = addAlarm(this, context, {
      name: `tool/${name}/slow`,
      severity: 'warning',
      owner,
      means: `One in twenty calls of ${name} takes longer than ${p95_ms} ms.`,
      metric: slowness(p95_ms),
      threshold: p95_ms,
      // A warning may take longer than a deployment's cold starts last.
      badWindows: badWindows + 1,
      windows: windows + 2,
      aligned: true,
      logsUrl: linesWhere(`duration_ms>${p95_ms}`),
    });
    const criticalP95 = Math.max(facts.alarms.criticalP95Ms ?? CRITICAL_P95_MS, p95_ms);
    // A tool that is given up before is late never: its calls fail.
    const canBeSoSlow = facts.timeoutSeconds === undefined || criticalP95 < facts.timeoutSeconds * 1_000;
    if (isFull(context.settings) && canBeSoSlow)
      addAlarm(this, context, {
        name: `tool/${name}/very-slow`,
        severity: 'critical',
        owner,
        means: `One in twenty calls of ${name} takes longer than ${criticalP95} ms: nobody waits so long.`,
        metric: slowness(criticalP95),
        threshold: criticalP95,
        badWindows,
        windows,
        aligned: true,
        logsUrl: linesWhere(`duration_ms>${criticalP95}`),
      });
    if (isFull(context.settings))
      addAlarm(this, context, {
        name: `tool/${name}/trickle`,
        severity: 'warning',
        owner,
        means: `${name} is called too rarely to have an error rate, and most of those calls fail.`,
        metric: new cloudwatch.MathExpression({
          expression: `IF(calls < ${(min_calls * TRICKLE.period.toSeconds()) / alarms.periodSeconds}, errors / calls, 0)`,
          label: `error rate of ${name}`,
          usingMetrics: { calls: callsOf(TRICKLE.period), errors: errorsOf(TRICKLE.period) },
          period: TRICKLE.period,
        }),
        threshold: 0.5,
        badWindows: TRICKLE.badWindows,
        windows: TRICKLE.windows,
        logsUrl: linesWhere('success=0'),
      });
    if (silentAfterMinutes !== undefined) {
      addAlarm(this, context, {
        name: `tool/${name}/silent`,
        severity: 'critical',
        owner,
        means: `Nobody has called ${name} for ${silentAfterMinutes} minutes, and somebody always does.`,
        metric: callsOf(Duration.minutes(silentAfterMinutes)),
        threshold: 1,
        comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        missingData: 'breaching',
      });
    }
    if (objective !== undefined) {
      const suppressedBy = sharedProviders.get(facts.provider ?? '');
      addBurnRates(this, context, {
        name,
        owner,
        objective,
        min_errors,
        callsOf,
        errorsOf,
        suppressedBy: suppressedBy,
      });
    }
  }
}

const percent = (share: number) => `${+(share * 100).toFixed(2)} %`;
