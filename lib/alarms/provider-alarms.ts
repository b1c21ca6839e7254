import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { formatLimit } from '../../lambdas/contract/percent.ts';
import {
  countsProvider,
  ERROR_RATE,
  MIN_CALLS,
  MIN_ERRORS,
  PROVIDER_ERROR_RATE,
} from '../../lambdas/contract/tool-facts.ts';
import { callLogName } from '../call-log-name.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { providerMetric } from '../metrics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';
import { failsTooOften } from './failing.ts';
import { logsUrl } from './logs-url.ts';

/** From this share of failures on, a service that several tools depend on is down. */
const DOWN = 0.5;
/** How many tools a description names; CloudWatch limits it to 1,024 characters. */
const MAX_NAMED_TOOLS = 5;

/** The alarm of each provider that is a reason for its tools' failures. */
export type ProviderAlarms = ReadonlyMap<string, cloudwatch.IAlarm>;

/** The second lowest error rate that its tools tolerate: above it at least two of them fail too often. */
const degradedFrom = (dependents: readonly MonitoredTool[]): number | undefined =>
  dependents.map(({ alarms }) => alarms.errorRate ?? ERROR_RATE).toSorted((a, b) => a - b)[1];

/**
 * Adds for each provider the warning that it fails, and for one that several tools depend on the critical alarm that
 * it is down, and that it is degraded, as evidence. None knows which tools fail: the notifier does, and blames the
 * provider when several of its tools fail with it, and the tool when only one does.
 */
export function addProviderAlarms(
  scope: Construct,
  context: AlarmContext,
  tools: readonly MonitoredTool[],
): ProviderAlarms {
  const failing = new Map<string, cloudwatch.IAlarm>();
  const counted = tools.filter(countsProvider);
  for (const provider of new Set(counted.flatMap((tool) => tool.provider ?? []))) {
    const dependents = counted.filter((tool) => tool.provider === provider);
    failing.set(
      provider,
      addProviderAlarm(scope, context, provider, {
        condition: 'failing',
        severity: 'warning',
        share: PROVIDER_ERROR_RATE,
        means: `More than ${formatLimit(PROVIDER_ERROR_RATE)} of the calls that depend on ${provider} fail by its fault.`,
      }),
    );
    const share = degradedFrom(dependents);
    if (share === undefined) continue;
    const whose = `These tools depend on it: ${formatNames(dependents.map(({ name }) => name))}.`;
    addProviderAlarm(scope, context, provider, {
      condition: 'down',
      severity: 'critical',
      share: DOWN,
      means: `More than ${formatLimit(DOWN)} of the calls that depend on ${provider} fail by its fault. ${whose}`,
    });
    // Only the notifier can tell what it means.
    if (share >= PROVIDER_ERROR_RATE || context.topics.inbox === undefined) continue;
    addProviderAlarm(scope, context, provider, {
      condition: 'degraded',
      severity: 'warning',
      share,
      means:
        `More than ${formatLimit(share)} of the calls that depend on ${provider} fail by its fault. It notifies ` +
        `nobody, until several of its tools fail. ${whose}`,
    });
  }
  return failing;
}

interface ProviderCondition {
  readonly condition: string;
  readonly severity: 'critical' | 'warning';
  /** From this share of failures on, 0 to 1, if they are significantly more than a provider may have, or than this. */
  readonly share: number;
  readonly means: string;
}

function addProviderAlarm(
  scope: Construct,
  context: AlarmContext,
  provider: string,
  { condition, severity, share, means }: ProviderCondition,
): cloudwatch.IAlarm {
  const { alarms } = context.settings;
  const service = deploymentNameOf(context.settings);
  const period = Duration.seconds(alarms.periodSeconds);
  const limits = { minCalls: MIN_CALLS, minErrors: MIN_ERRORS, rate: Math.min(share, PROVIDER_ERROR_RATE) };
  const fails = failsTooOften({ calls: 'calls', errors: 'errors', ...limits });
  return addAlarm(scope, context, {
    name: `provider/${provider}/${condition}`,
    severity,
    means,
    metric: new cloudwatch.MathExpression({
      expression: `IF(${fails}, errors / calls, 0)`,
      label: `error rate of ${provider}`,
      usingMetrics: {
        calls: providerMetric(service, provider, { statistic: 'SampleCount', period }),
        errors: providerMetric(service, provider, { statistic: 'Sum', period }),
      },
      period,
    }),
    threshold: share,
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
