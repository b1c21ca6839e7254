import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../../lambdas/contract/metrics.ts';
import { formatLimit } from '../../lambdas/contract/percent.ts';
import type { Settings } from '../settings.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';
import { isFull } from './monitoring.ts';

/**
 * Adds one alarm over all tools, each of them a contributor: the warning that comes before a tool's own alarm. Metrics
 * Insights has no minimum of calls, so it takes three bad windows in a row, and a tool without calls in one of them is
 * fine. Lean monitoring has it only where there are probes, because no other alarm reports that a probe fails.
 */
export function addFleetAlarm(
  scope: Construct,
  context: AlarmContext & { readonly settings: Pick<Settings, 'probes'> },
): void {
  if (!isFull(context.settings) && context.settings.probes.length === 0) return;
  const { service, alarms } = context.settings;
  const { service: byService, tool: byTool } = CALL_DIMENSIONS;
  addAlarm(scope, context, {
    name: 'fleet/failing',
    severity: 'warning',
    means:
      `More than ${formatLimit(alarms.fleetErrorRate)} of the calls of the tool that the message names fail, ` +
      `and not by the caller's fault.`,
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
  });
}
