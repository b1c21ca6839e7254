import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { monitorTool, ToolObservability } from 'toolwatch';

/** An app with an alarm of its own beside those of its tool, and with what the construct made in its own dashboard. */
export function watchOrders(stack: cdk.Stack, checkout: lambda.IFunction) {
  const observability = new ToolObservability(stack, 'Observability', {
    tools: [
      monitorTool(checkout, {
        alarmFriendlyName: 'checkout',
        addFaultRateAlarm: { Critical: { maxErrorRate: 0.02 } },
        addLatencyP95Alarm: { Warning: { maxLatency: cdk.Duration.seconds(2) } },
      }),
    ],
    callLogName: '/shop/checkout',
    settings: { service: 'orders', alerts: { critical: { emails: ['oncall@example.com'] } } },
    appMetrics: [{ namespace: 'Shop', metricName: 'OrdersPlaced' }],
  });
  const placed = { namespace: 'Shop', metricName: 'OrdersPlaced', statistic: 'Sum' };
  observability.addAlarm('few-orders', {
    metric: new cloudwatch.Metric({ ...placed, period: cdk.Duration.hours(1) }),
    threshold: 10,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    severity: 'critical',
    alarmDescription: 'Fewer than ten orders were placed in an hour.',
  });
  const tool = observability.tool('checkout');
  new cloudwatch.Dashboard(stack, 'Shop').addWidgets(
    new cloudwatch.GraphWidget({ left: [tool.metricCalls(), tool.metricErrors()], right: [tool.metricDuration()] }),
    new cloudwatch.AlarmStatusWidget({ alarms: [...observability.alarms.values()] }),
  );
  return observability;
}
