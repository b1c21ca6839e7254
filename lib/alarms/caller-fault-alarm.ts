import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { deploymentNameOf } from '../deployment-name.ts';
import { callFlagMetric } from '../metrics.ts';
import { addAnomalyAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';

const PERIOD = Duration.minutes(15);
/** With fewer calls in a period there is nothing to compare. */
const MIN_CALLS = 50;
/**
 * Fewer faults, or a smaller share of calls, never count: after a past without any, a single mistake would be an
 * anomaly.
 */
const MIN_FAULTS = 10;
const MIN_SHARE = 0.05;
const BAND_WIDTH = 4;

/**
 * Adds the alarm that callers are suddenly at fault more often: the tool's description or arguments changed, or a
 * client did. It compares a tool with its own past, because a share that is normal for one tool is alarming for
 * another. It is a setting, because CloudWatch bills three metrics for it.
 */
export function addCallerFaultAlarm(scope: Construct, context: AlarmContext, tool: string, owner?: string): void {
  const service = deploymentNameOf(context.settings);
  addAnomalyAlarm(scope, context, {
    name: `tool/${tool}/callers-at-fault`,
    severity: 'warning',
    owner,
    means: `Calls of ${tool} fail by the caller's fault far more often than they usually do at this hour of the week.`,
    metric: new cloudwatch.MathExpression({
      expression:
        `IF(calls >= ${MIN_CALLS} AND faults >= ${MIN_FAULTS} AND faults >= ${MIN_SHARE} * calls, ` +
        `faults / calls, 0)`,
      usingMetrics: {
        calls: callFlagMetric(service, tool, 'callerError', { statistic: 'SampleCount', period: PERIOD }),
        faults: callFlagMetric(service, tool, 'callerError', { statistic: 'Sum', period: PERIOD }),
      },
      period: PERIOD,
    }),
    bandWidth: BAND_WIDTH,
    badWindows: 2,
    windows: 3,
  });
}
