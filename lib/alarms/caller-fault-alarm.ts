import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { CALL_DIMENSIONS, CALL_FLAGS, NAMESPACE } from '../../lambdas/contract/metrics.ts';
import type { AlarmSpec } from './alarm.ts';
import { type AlarmContext, alarmName } from './alarm.ts';
import { describeAlarm } from './alarm-text.ts';

const QUARTER_HOUR_SECONDS = 900;
/** Fewer calls than this in a quarter of an hour are no ground to compare on. */
const FEWEST_CALLS = 50;
/** Nor are fewer faults than this, or fewer than one call in twenty: after a spotless past one mistake would be a shift. */
const FEWEST_FAULTS = 10;
const LEAST_SHARE = 0.05;
/** Standard deviations from what the hour of the week used to be. */
const BAND_WIDTH = 4;

/**
 * Adds the alarm that callers suddenly do wrong what they used to do right: the tool's description or arguments changed,
 * or a client did. Against the tool's own past, because a share that is ordinary for one tool is alarming for another.
 * CloudWatch bills a band as three metrics, so it is a setting.
 */
export function addCallerFaultAlarm(scope: Construct, context: AlarmContext, tool: string, owner?: string): void {
  const { settings, topics } = context;
  const promise: AlarmSpec = {
    name: `tool/${tool}/callers-at-fault`,
    severity: 'warning',
    owner,
    means: `Callers of ${tool} are at fault far more often than they used to be at this hour.`,
  };
  const metric = (id: string, metricName: string, stat: string): cloudwatch.CfnAlarm.MetricDataQueryProperty => ({
    id,
    returnData: false,
    metricStat: {
      stat,
      period: QUARTER_HOUR_SECONDS,
      metric: {
        namespace: NAMESPACE,
        metricName,
        dimensions: [
          { name: CALL_DIMENSIONS.service, value: settings.service },
          { name: CALL_DIMENSIONS.tool, value: tool },
        ],
      },
    },
  });
  const topic = topics.bySeverity[promise.severity].topicArn;
  new cloudwatch.CfnAlarm(scope, promise.name.replaceAll('/', '-'), {
    alarmName: alarmName(settings, promise.name),
    alarmDescription: describeAlarm(promise, settings, cdk.Stack.of(scope).region),
    alarmActions: [topic],
    okActions: [topic],
    comparisonOperator: 'GreaterThanUpperThreshold',
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    thresholdMetricId: 'band',
    treatMissingData: 'notBreaching',
    metrics: [
      metric('calls', CALL_FLAGS.callerError, 'SampleCount'),
      metric('faults', CALL_FLAGS.callerError, 'Sum'),
      {
        id: 'share',
        expression: `IF(calls >= ${FEWEST_CALLS} AND faults >= ${FEWEST_FAULTS} AND faults >= ${LEAST_SHARE} * calls, faults / calls, 0)`,
        returnData: true,
      },
      { id: 'band', expression: `ANOMALY_DETECTION_BAND(share, ${BAND_WIDTH})`, returnData: true },
    ],
    tags: [
      { key: 'severity', value: promise.severity },
      { key: 'owner', value: owner ?? settings.owner },
    ],
  });
}
