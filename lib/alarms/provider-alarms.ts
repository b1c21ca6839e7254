import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { formatLimit } from '../../lambdas/contract/percent.ts';
import { MIN_CALLS, MIN_ERRORS } from '../../lambdas/contract/tool-facts.ts';
import { callLogName } from '../call-log.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { callMetric, providerMetric } from '../metrics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';
import { failsTooOften } from './failing.ts';
import { logsUrl } from './logs-url.ts';

/** The share of calls that an outside service may fail. */
const THRESHOLD = 0.1;
/**
 * From this share of a provider's failures on, one tool causes them itself, by an address or an argument of its own.
 */
const SINGLE_TOOL_SHARE = 0.8;
/** An alarm reads at most ten metrics, and two of them are the provider's. */
const MAX_TOOLS = 8;
/** How many tools a description names; CloudWatch limits it to 1,024 characters. */
const MAX_NAMED_TOOLS = 5;

/**
 * The providers that several tools depend on, each with the alarm that notifies on behalf of those tools while it is
 * down.
 */
export type SharedProviders = ReadonlyMap<string, cloudwatch.IAlarm>;

/** A provider's metrics over a period, and conditions on them in metric math. */
export interface ProviderReading {
  readonly metrics: Readonly<Record<string, cloudwatch.Metric>>;
  /** That the provider fails too often. */
  readonly fails: string;
  /** That a tool, by the id of its errors, does not cause nearly all of the provider's failures. */
  causesOnlyPart(errors: string): string;
}

/** `missingAsZero`: lines that lack the provider's metrics then hide nothing else from the expression. */
export function readProviderMetrics(
  service: string,
  provider: string,
  period: Duration,
  { missingAsZero = false } = {},
): ProviderReading {
  const read = (id: string) => (missingAsZero ? `FILL(${id}, 0)` : id);
  const [calls, errors] = [read('provider_calls'), read('provider_failed')];
  return {
    metrics: {
      provider_calls: providerMetric(service, provider, { statistic: 'SampleCount', period }),
      provider_failed: providerMetric(service, provider, { statistic: 'Sum', period }),
    },
    fails: failsTooOften({ calls, errors, minCalls: MIN_CALLS, minErrors: MIN_ERRORS, rate: THRESHOLD }),
    causesOnlyPart: (toolErrors) => `FILL(${toolErrors}, 0) < ${SINGLE_TOOL_SHARE} * ${errors}`,
  };
}

/**
 * Adds for each provider the warning that it fails, and for one that several tools depend on the critical alarm that it
 * is down. While that fires, those tools' own alarms are suppressed, so that one cause notifies once.
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
  const { alarms } = context.settings;
  const service = deploymentNameOf(context.settings);
  const period = Duration.seconds(alarms.periodSeconds);
  const { metrics, fails } = readProviderMetrics(service, provider, period);
  addAlarm(scope, context, {
    name: `provider/${provider}/failing`,
    severity: 'warning',
    means: `More than ${formatLimit(THRESHOLD)} of the calls that depend on ${provider} fail by its fault.`,
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
    logsUrl: failuresUrl(scope, context, provider),
  });
}

function addDown(
  scope: Construct,
  context: AlarmContext,
  provider: string,
  dependents: readonly string[],
): cloudwatch.IAlarm {
  const { alarms } = context.settings;
  const service = deploymentNameOf(context.settings);
  const period = Duration.seconds(alarms.periodSeconds);
  const { metrics, fails, causesOnlyPart } = readProviderMetrics(service, provider, period);
  const errors = Object.fromEntries(
    dependents
      .slice(0, MAX_TOOLS)
      .map((tool, index) => [`tool${index}`, callMetric(service, tool, 'error', { statistic: 'Sum', period })]),
  );
  const severalCauseThem = Object.keys(errors).map(causesOnlyPart).join(' AND ');
  return addAlarm(scope, context, {
    name: `provider/${provider}/down`,
    severity: 'critical',
    means:
      `${provider} fails for more than one of the tools that depend on it: ${formatNames(dependents)}. ` +
      `Their failing alarms are suppressed.`,
    metric: new cloudwatch.MathExpression({
      expression: `IF(${fails} AND ${severalCauseThem}, provider_failed / provider_calls, 0)`,
      label: `error rate of ${provider}, of several tools`,
      usingMetrics: { ...metrics, ...errors },
      period,
    }),
    threshold: THRESHOLD,
    badWindows: alarms.badWindows,
    windows: alarms.windows,
    aligned: true,
    logsUrl: failuresUrl(scope, context, provider),
  });
}

const formatNames = (tools: readonly string[]): string => {
  const more = tools.length - MAX_NAMED_TOOLS;
  return more > 0 ? `${tools.slice(0, MAX_NAMED_TOOLS).join(', ')} and ${more} more` : tools.join(', ');
};

const failuresUrl = (scope: Construct, { settings }: AlarmContext, provider: string): string =>
  logsUrl(scope, callLogName(settings), `filter provider="${provider}" and fault="dependency" | sort @timestamp desc`);
