import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import type { AlarmSettings, MetricAlarmSpec } from './alarm-spec.ts';

const PERIOD = Duration.minutes(5);

/** Spans that nobody sends again by himself: Lambda gave up on them, or the receiver refused them. */
export function spansUnsentAlarm(settings: AlarmSettings, { functionName }: lambda.IFunction): MetricAlarmSpec {
  const sum = { statistic: 'Sum', period: PERIOD };
  return {
    name: 'pipeline/spans-unsent',
    severity: 'warning',
    means: 'Some calls did not become spans: the receiver of OpenTelemetry does not answer, or refuses them.',
    metric: new cloudwatch.MathExpression({
      expression: 'FILL(given_up, 0) + FILL(refused, 0)',
      usingMetrics: {
        given_up: awsMetric('AWS/Lambda', 'AsyncEventsDropped', { FunctionName: functionName }, sum),
        refused: pipelineMetric(deploymentNameOf(settings), 'spansRefused', sum),
      },
      label: 'payloads given up, and spans refused',
      period: PERIOD,
    }),
    threshold: 0,
  };
}
