import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StoreLocation } from '../../lib/database/store-location.ts';
import { ToolObservability, type ToolObservabilityProps } from '../../lib/tool-observability.ts';
import type { Resources } from './synthesized.ts';

/** Adds a network, a database and a bucket to a stack, as another app has them already. */
export const addStoreLocation = (
  stack: cdk.Stack,
): Pick<StoreLocation, 'vpc' | 'retainedPayloads'> & { readonly database: rds.IDatabaseInstance } => {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  }) as ec2.IVpc;
  const database = rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Database', {
    instanceIdentifier: 'shop',
    instanceEndpointAddress: 'shop.example.com',
    instanceResourceId: 'db-SHOP',
    port: 5432,
    securityGroups: [new ec2.SecurityGroup(stack, 'Firewall', { vpc })],
  });
  return { vpc, database, retainedPayloads: new s3.Bucket(stack, 'Kept') as s3.IBucket };
};

/** Another app with nothing but these. */
export const shopWithDatabase = () => {
  const stack = new cdk.Stack(new cdk.App(), 'Shop');
  return { stack, ...addStoreLocation(stack) };
};

/** A synthesized app: its templates by the stacks' names, nested ones included, and what the CDK would warn of. */
export interface Synthesized {
  templates: Record<string, { Resources: Resources; Outputs?: object }>;
  warnings: string[];
}

/** Synthesizes another app. Throws what its author would read. */
export const synthesizeApp = (app: cdk.App): Synthesized => {
  const { directory, stacksRecursively } = app.synth();
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const templates = files.filter((file) => file.endsWith('.template.json'));
  return {
    templates: Object.fromEntries(
      templates.map((file) => [
        basename(file, '.template.json'),
        { Resources: {}, ...JSON.parse(readFileSync(join(directory, file), 'utf8')) },
      ]),
    ),
    warnings: stacksRecursively.flatMap(({ messages }) =>
      messages.filter(({ level }) => level === 'warning').map(({ entry }) => String(entry.data)),
    ),
  };
};

/** Observability as an app has it, with what the test does not state filled in. */
export const observeShop = (scope: Construct, props: Partial<ToolObservabilityProps> = {}): ToolObservability =>
  new ToolObservability(scope, 'Observability', {
    tools: [{ name: 'checkout', alarms: { p95Ms: 2_000, errorRate: 0.02 } }],
    callLogName: '/shop/checkout',
    ...props,
    settings: {
      service: 'shop',
      ...(props.topics ? {} : { alerts: { critical: { emails: ['oncall@example.com'] } } }),
      ...props.settings,
    },
  });
