import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { MIN_CALLS, MIN_ERRORS } from '../../lambdas/contract/tool-facts.ts';
import { callLogName } from '../call-log.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { callMetric, providerMetric } from '../metrics.ts';
import { type AlarmContext, addAlarm } from './alarm.ts';
import { logsUrl } from './logs-url.ts';
import { exceedsRateSignificantly, MIN_CONCLUSIVE_ERRORS } from './significance.ts';

/** The share of calls that an outside service may fail. */
const THRESHOLD = 0.1;
/** So much of a service's failures are one tool's: then it is that tool's own matter, an address or an argument of its. */
const ONE_TOOLS_SHARE = 0.8;
/** An alarm reads ten metrics, two of which are the provider's. */
const MOST_TOOLS = 8;
/** Whose names stand in a description; CloudWatch takes 1,024 characters of it. */
const NAMED_TOOLS = 5;

/** The outside services that several tools depend on, each with the alarm that speaks for those tools when it is down. */
export type SharedProviders = ReadonlyMap<string, cloudwatch.IAlarm>;

/**
 * A provider's calls and failures over a period, and in metric math whether it fails too often, and whether failures that
 * an id stands for are less than nearly all it has. Where what is missing is none, lines without these metrics hide nothing.
 */
export function readProviderMetrics(service: string, provider: string, period: Duration, missingIsNone = false) {
  const reading = (id: string) => (missingIsNone ? `FILL(${id}, 0)` : id);
  const [calls, failed] = [reading('provider_calls'), reading('provider_failed')];
  return {
    metrics: {
      provider_calls: providerMetric(service, provider, { statistic: 'SampleCount', period }),
      provider_failed: providerMetric(service, provider, { statistic: 'Sum', period }),
    },
    fails: `((${calls} >= ${MIN_CALLS} AND ${failed} >= ${MIN_ERRORS} AND ${failed} > ${THRESHOLD} * ${calls} AND ${exceedsRateSignificantly(failed, calls, THRESHOLD)}) OR (${failed} >= ${MIN_CONCLUSIVE_ERRORS} AND 2 * ${failed} >= ${calls}))`,
    isNotAll: (errors: string) => `FILL(${errors}, 0) < ${ONE_TOOLS_SHARE} * ${failed}`,
  };
}

/**
 * For each outside service a warning that it fails, and for one that several tools depend on an alarm that wakes when it is
 * down for more than one: then those tools' own alarms keep still, so that one cause makes one call.
 */
export function addProviderAlarms(
  scope: Construct,
  context: AlarmContext,
  tools: readonly MonitoredTool[],
): SharedProviders {
  const shared = new Map<string, cloudwatch.IAlarm>();
  for (const provider of new Set(tools.flatMap((tool) => tool.provider ?? []))) {
    const dependents = tools.filter((tool) => tool.provider === provider).map(({ name }) => name);
    addFailing(scope, context, provider);
    if (dependents.length > 1) shared.set(provider, addDown(scope, context, provider, dependents));
  }
  return shared;
}

function addFailing(scope: Construct, context: AlarmContext, provider: string): void {
  const { service, alarms } = context.settings;
  const period = Duration.seconds(alarms.periodSeconds);
  const { metrics, fails } = readProviderMetrics(service, provider, period);
  addAlarm(scope, context, {
    name: `provider/${provider}/failing`,
    severity: 'warning',
    means: `${provider} fails more than ${THRESHOLD * 100} % of the calls that depend on it.`,
    metric: new cloudwatch.MathExpression({
      expression: `IF(${fails}, provider_failed / provider_calls, 0)`,
      label: `error rate of ${provider}`,
      usingMetrics: metrics,
      period,
    }),
    threshold: THRESHOLD,
    badWindows: alarms.badWindows,
    windows: alarms.windows,
    aligned: true,
    logsUrl: failuresOf(scope, context, provider),
  });
}

function addDown(
  scope: Construct,
  context: AlarmContext,
  provider: string,
  dependents: readonly string[],
): cloudwatch.IAlarm {
  const { service, alarms } = context.settings;
  const period = Duration.seconds(alarms.periodSeconds);
  const { metrics, fails, isNotAll } = readProviderMetrics(service, provider, period);
  const errors = Object.fromEntries(
    dependents
      .slice(0, MOST_TOOLS)
      .map((tool, at) => [`tool${at}`, callMetric(service, tool, 'error', { statistic: 'Sum', period })]),
  );
  const ofSeveral = Object.keys(errors).map(isNotAll).join(' AND ');
  return addAlarm(scope, context, {
    name: `provider/${provider}/down`,
    severity: 'critical',
    means: `${provider} fails for more than one of the tools that depend on it: ${someOf(dependents)}. Their own alarms keep still meanwhile.`,
    metric: new cloudwatch.MathExpression({
      expression: `IF(${fails} AND ${ofSeveral}, provider_failed / provider_calls, 0)`,
      label: `error rate of ${provider}, of several tools`,
      usingMetrics: { ...metrics, ...errors },
      period,
    }),
    threshold: THRESHOLD,
    badWindows: alarms.badWindows,
    windows: alarms.windows,
    aligned: true,
    logsUrl: failuresOf(scope, context, provider),
  });
}

/** As many as a description has room for. */
const someOf = (tools: readonly string[]): string => {
  const more = tools.length - NAMED_TOOLS;
  return more > 0 ? `${tools.slice(0, NAMED_TOOLS).join(', ')} and ${more} more` : tools.join(', ');
};

const failuresOf = (scope: Construct, { settings }: AlarmContext, provider: string): string =>
  logsUrl(
    Stack.of(scope).region,
    callLogName(settings),
    `filter provider="${provider}" and fault="dependency" | sort @timestamp desc`,
  );
