import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../../lambdas/contract/metrics.ts';
import type { Settings } from '../settings.ts';
import { type AlarmContext, addAlarm } from './alarm.ts';
import { isFull } from './monitoring.ts';

/**
 * One alarm for all tools, each a contributor of its own: the warning before a tool's own alarm. Metrics Insights has
 * no floor on calls, so it takes three bad windows in a row, and a tool that nobody calls in one of them is fine. Lean
 * monitoring does without it, unless there are probes: that one fails, nothing else says.
 */
export function addFleetAlarm(
  scope: Construct,
  context: AlarmContext & { readonly settings: Pick<Settings, 'probes'> },
): void {
  if (!isFull(context.settings) && context.settings.probes.length === 0) return;
  const { service, alarms } = context.settings;
  const { service: ofService, tool } = CALL_DIMENSIONS;
  addAlarm(scope, context, {
    name: 'fleet/failing',
    severity: 'warning',
    means: `Some tool fails more than ${alarms.fleetErrorRate * 100} % of its calls, and not by the caller's fault. The message says which.`,
    metric: new cloudwatch.MathExpression({
      expression: `SELECT AVG(${CALL_METRICS.error}) FROM SCHEMA("${NAMESPACE}", ${ofService}, ${tool}) WHERE ${ofService} = '${service}' GROUP BY ${tool} ORDER BY AVG() DESC`,
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
