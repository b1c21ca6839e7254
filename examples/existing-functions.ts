import type * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { ToolObservability } from 'toolwatch';

/** An app with its own function, queue, log group and topics: it gets alarms and a dashboard. */
export function watchExisting(
  stack: cdk.Stack,
  { checkout, orders }: { checkout: lambda.IFunction; orders: sqs.IQueue },
  { pager, inbox }: { pager: sns.ITopic; inbox: sns.ITopic },
) {
  return new ToolObservability(stack, 'Observability', {
    tools: [{ name: 'checkout', function: checkout, alarms: { p95Ms: 2_000, errorRate: 0.02 } }],
    queues: [{ name: 'orders', queue: orders, criticalDepth: 2_000 }],
    callLogName: '/shop/checkout',
    topics: { critical: pager, warning: inbox },
    settings: { service: 'shop', runbookUrl: 'https://example.com/runbook' },
  });
}
