import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../../lambdas/contract/metrics.ts';
import { formatLimit } from '../../lambdas/contract/percent.ts';
import { KINDS } from '../../lambdas/contract/vocabulary.ts';
import { callLogName } from '../call-log.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import type { Settings } from '../settings.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, AlarmSettings } from './alarm-spec.ts';
import { logsUrl } from './logs-url.ts';
import { isFull } from './monitoring.ts';

/** What else is counted under the same metric. */
const OTHER_KINDS = KINDS.filter((kind) => kind !== 'tool');

/**
 * Adds one alarm over all tools and all other names under which calls are counted, each of them a contributor. It reports the tools that their own alarms leave out: those
 * that may fail more often than the fleet's limit, and those that are called too rarely. Metrics Insights has no minimum
 * of calls, so it takes three bad windows in a row, and a tool without calls in one of them is fine; a tool's own alarm
 * takes two, and so comes first. A description cannot name contributors, and an e-mail may not: the link lists them.
 * Lean monitoring has it only where there are probes, because no other alarm reports that a probe fails.
 */
export function addFleetAlarm(
  scope: Construct,
  context: AlarmContext & { readonly settings: Pick<Settings, 'probes'> },
): void {
  if (!isFull(context.settings) && context.settings.probes.length === 0) return;
  const { alarms } = context.settings;
  const service = deploymentNameOf(context.settings);
  const { service: byService, tool: byTool } = CALL_DIMENSIONS;
  addAlarm(scope, context, {
    name: 'fleet/failing',
    severity: 'warning',
    means:
      `For a quarter of an hour more than ${formatLimit(alarms.fleetErrorRate)} of the calls under one name have ` +
      `failed, and not by the caller's fault. It covers tools and, as kind/name, what is no tool: ` +
      `${OTHER_KINDS.join(', ')}. The page behind Logs lists the tools.`,
    metric: new cloudwatch.MathExpression({
      expression:
        `SELECT AVG(${CALL_METRICS.error}) FROM SCHEMA("${NAMESPACE}", ${byService}, ${byTool}) ` +
        `WHERE ${byService} = '${service}' GROUP BY ${byTool} ORDER BY AVG() DESC`,
      label: 'error rate by tool',
      usingMetrics: {},
      period: Duration.minutes(5),
    }),
    threshold: alarms.fleetErrorRate,
    badWindows: 3,
    windows: 3,
    aligned: true,
    logsUrl: failingToolsUrl(scope, context.settings),
  });
}

/** Logs Insights: the tools that fail more often than the fleet's limit, with their share of failures, failures and calls. */
function failingToolsUrl(scope: Construct, settings: AlarmSettings): string {
  const { error } = CALL_METRICS;
  const query = [
    `stats avg(${error}) as share, sum(${error}) as failures, count(${error}) as calls by ${CALL_DIMENSIONS.tool}`,
    `filter share>${settings.alarms.fleetErrorRate}`,
    'sort share desc',
  ].join(' | ');
  return logsUrl(scope, callLogName(settings), query);
}
