import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { awsMetric } from '../metrics.ts';
import { type AlarmContext, addAlarm } from './alarm.ts';

/** Fewer are chance. */
const FEWEST = 3;
const sum = { statistic: 'Sum', period: Duration.minutes(5) };

/** Wakes somebody when an HTTP API answers with errors of its own, which no function's metrics know of. */
export function addFrontDoorAlarm(
  scope: Construct,
  context: AlarmContext,
  { apiId, behind }: { apiId: string; behind: readonly lambda.IFunction[] },
): void {
  const ofApi = (name: string) => awsMetric('AWS/ApiGateway', name, { ApiId: apiId }, sum);
  const reached = behind.flatMap(({ functionName: FunctionName }, at) =>
    ['Invocations', 'Throttles'].map((name): [string, cloudwatch.IMetric] => [
      `${name.toLowerCase()}${at}`,
      awsMetric('AWS/Lambda', name, { FunctionName }, sum),
    ]),
  );
  // A function's own errors, and throttled calls of it, have alarms of their own.
  const unreached = ['FILL(requests, 0)', 'FILL(refused, 0)', ...reached.map(([id]) => `FILL(${id}, 0)`)].join(' - ');
  addAlarm(scope, context, {
    name: 'pipeline/door-shut',
    severity: 'critical',
    means: 'The HTTP API lets requests in and reaches no function with them, so clients reach no tool.',
    metric: new cloudwatch.MathExpression({
      expression: `IF(FILL(failed, 0) >= ${FEWEST} AND ${unreached} >= ${FEWEST}, failed, 0)`,
      usingMetrics: {
        requests: ofApi('Count'),
        refused: ofApi('4xx'),
        failed: ofApi('5xx'),
        ...Object.fromEntries(reached),
      },
      label: 'answered with an error of its own',
      period: sum.period,
    }),
    threshold: 0,
    badWindows: 2,
    windows: 3,
  });
}
