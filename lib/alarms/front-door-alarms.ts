import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { deploymentNameOf } from '../deployment-name.ts';
import type { AwsMetricName } from '../metric-audit/aws-metrics.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import { addAlarm, addCompositeAlarm } from './alarm.ts';
import type { AlarmContext } from './alarm-spec.ts';

/** Fewer in a window may be random. */
const MIN_REQUESTS = 3;
/** Fewer refusals are a short burst of one client, which tries again. */
const MIN_THROTTLED = 20;
/** Fewer refusals in a window may be one client's, or a visitor's. */
const MIN_REFUSED = 50;
const NEARLY_ALL = 0.9;
const sum = { statistic: 'Sum', period: Duration.minutes(5) };

interface Endpoint {
  readonly apiId: string;
  /** The functions that the HTTP API calls. */
  readonly functions: readonly lambda.IFunction[];
}

/** Adds the warning that an HTTP API refuses requests because there are too many, whoever sends them. */
function addThrottlingAlarm(scope: Construct, context: AlarmContext): void {
  addAlarm(scope, context, {
    name: 'pipeline/requests-throttled',
    severity: 'warning',
    means: 'The HTTP API refuses requests (429), because together all callers send more than its limit allows.',
    metric: pipelineMetric(deploymentNameOf(context.settings), 'requestsThrottled', sum),
    threshold: MIN_THROTTLED,
    comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    badWindows: 2,
    windows: 3,
  });
}

/**
 * Adds the critical alarm that an HTTP API refuses everybody: clients' tokens are no longer accepted, and not one line
 * says so. That nearly all requests are refused proves little, because whoever tries addresses at night is refused as
 * well; that the calls of tools have stopped at once proves the rest.
 */
function addRefusedAlarm(scope: Construct, context: AlarmContext, { apiId }: Endpoint): void {
  const apiMetric = (name: AwsMetricName<'AWS/ApiGateway'>) => awsMetric('AWS/ApiGateway', name, { ApiId: apiId }, sum);
  const name = 'pipeline/everybody-refused';
  const part = { severity: 'critical', partOf: name } as const;
  const means = 'One of the two halves of pipeline/everybody-refused, which notifies when both are true.';
  const refused = addAlarm(scope, context, {
    ...part,
    name: `${name}/requests`,
    means,
    metric: new cloudwatch.MathExpression({
      expression: `IF(refused >= ${MIN_REFUSED} AND refused >= ${NEARLY_ALL} * requests, refused / requests, 0)`,
      usingMetrics: { requests: apiMetric('Count'), refused: apiMetric('4xx') },
      label: 'share of requests that are refused',
      period: sum.period,
    }),
    threshold: NEARLY_ALL,
    comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    badWindows: 2,
    windows: 3,
  });
  const stopped = addAlarm(scope, context, {
    ...part,
    name: `${name}/calls`,
    means,
    metric: pipelineMetric(deploymentNameOf(context.settings), 'callsStopped', { ...sum, statistic: 'Maximum' }),
    threshold: 0,
  });
  addCompositeAlarm(scope, context, {
    name,
    severity: 'critical',
    means:
      'The HTTP API refuses nearly every request (401, 403 or 429) and no tool is called any more: no client can sign in.',
    rule: cloudwatch.AlarmRule.allOf(
      ...[refused, stopped].map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)),
    ),
  });
}

/** Adds the critical alarm that an HTTP API answers with errors of its own, which no function's metrics show. */
function addUnreachedAlarm(scope: Construct, context: AlarmContext, { apiId, functions }: Endpoint): void {
  const apiMetric = (name: AwsMetricName<'AWS/ApiGateway'>) => awsMetric('AWS/ApiGateway', name, { ApiId: apiId }, sum);
  const functionMetrics = functions.flatMap(({ functionName: FunctionName }, index) =>
    (['Invocations', 'Throttles'] as const).map((name): [string, cloudwatch.IMetric] => [
      `${name.toLowerCase()}${index}`,
      awsMetric('AWS/Lambda', name, { FunctionName }, sum),
    ]),
  );
  // A function's own errors and throttled calls have alarms of their own.
  const unreached = ['requests', 'refused', ...functionMetrics.map(([id]) => id)]
    .map((id) => `FILL(${id}, 0)`)
    .join(' - ');
  addAlarm(scope, context, {
    name: 'pipeline/door-shut',
    severity: 'critical',
    means: 'The HTTP API accepts requests but does not reach the functions behind it, so clients reach no tool.',
    metric: new cloudwatch.MathExpression({
      expression: `IF(FILL(failed, 0) >= ${MIN_REQUESTS} AND ${unreached} >= ${MIN_REQUESTS}, failed, 0)`,
      usingMetrics: {
        requests: apiMetric('Count'),
        refused: apiMetric('4xx'),
        failed: apiMetric('5xx'),
        ...Object.fromEntries(functionMetrics),
      },
      label: "answered with the API's own error",
      period: sum.period,
    }),
    threshold: 0,
    badWindows: 2,
    windows: 3,
  });
}

/** Adds the alarms on an HTTP API: what no function's metrics show. */
export function addFrontDoorAlarms(scope: Construct, context: AlarmContext, endpoint: Endpoint): void {
  addUnreachedAlarm(scope, context, endpoint);
  addThrottlingAlarm(scope, context);
  addRefusedAlarm(scope, context, endpoint);
}
