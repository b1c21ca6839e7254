import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { HOOK_DIMENSIONS, HOOK_METRICS, NAMESPACE } from '../../lambdas/contract/metrics.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';
import { SUM, totalOf } from './pipeline.ts';

/** Fewer may be somebody who tries the address. */
const MIN_REFUSED = 3;
/** Senders that are refused try again after longer and longer waits. */
const REFUSED_PERIOD = Duration.hours(1);

/** Adds the alarms of what receives hooks: that it fails, and over all sources that one of them is refused. */
export function addHookAlarms(scope: Construct, context: AlarmContext, { functionName }: lambda.IFunction): void {
  const service = deploymentNameOf(context.settings);
  const ofFunction = { FunctionName: functionName };
  addAlarm(scope, context, {
    name: 'hooks/failing',
    severity: 'critical',
    means: 'Hooks are not taken, by our own fault: senders are answered with errors, and not all of them send again.',
    metric: totalOf('not taken', [
      awsMetric('AWS/Lambda', 'Errors', ofFunction, SUM),
      awsMetric('AWS/Lambda', 'Throttles', ofFunction, SUM),
      pipelineMetric(service, 'hooksFailed', SUM),
    ]),
    threshold: 0,
    badWindows: 2,
    windows: 3,
  });
  const { service: byService, source: bySource } = HOOK_DIMENSIONS;
  addAlarm(scope, context, {
    name: 'hooks/refused',
    severity: 'warning',
    means:
      `A source's hooks are refused: of one hour ${MIN_REFUSED} more were signed wrongly than rightly. ` +
      'Its secret may have been rotated on one side only.',
    metric: new cloudwatch.MathExpression({
      expression:
        `SELECT SUM(${HOOK_METRICS.refusals}) FROM SCHEMA("${NAMESPACE}", ${byService}, ${bySource}) ` +
        `WHERE ${byService} = '${service}' GROUP BY ${bySource} ORDER BY SUM() DESC`,
      label: 'refused more than accepted',
      usingMetrics: {},
      period: REFUSED_PERIOD,
    }),
    threshold: MIN_REFUSED,
    comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  });
}
