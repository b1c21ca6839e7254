import type * as cdk from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { ToolObservability } from 'toolwatch';

/** An app with its own network, database and bucket: its calls are also stored, summarised and reported. */
export function storeInExisting(
  stack: cdk.Stack,
  vpc: ec2.IVpc,
  database: rds.IDatabaseInstance,
  retainedPayloads: s3.IBucket,
) {
  return new ToolObservability(stack, 'Observability', {
    tools: [{ name: 'checkout', alarms: { p95Ms: 2_000, errorRate: 0.02 } }],
    callLogName: '/shop/checkout',
    settings: { service: 'shop', alerts: { critical: { emails: ['oncall@example.com'] } } },
    store: { vpc, database, retainedPayloads },
  });
}
