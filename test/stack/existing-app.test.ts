import * as cdk from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { storeInExisting } from '../../examples/existing-database.ts';
import { watchExisting } from '../../examples/existing-functions.ts';
import { findAlarmProblems, readRunbookHeadings } from '../../lib/alarm-audit.ts';
import type { StoreLocation } from '../../lib/database/store-location.ts';
import { ToolObservability } from '../../lib/tool-observability.ts';
import { shopWithDatabase } from '../support/shop-stack.ts';
import { read } from '../support/source-files.ts';
import { ofType, type Resources, rolesOfFunctions } from '../support/synthesized.ts';

const headings = readRunbookHeadings(read('docs/runbook.md'));
const resourcesOf = (stack: cdk.Stack): Resources =>
  Object.fromEntries(
    Object.entries(Template.fromStack(stack).toJSON().Resources as Resources).map(([id, resource]) => [
      `it/${id}`,
      resource,
    ]),
  );
const alarmNames = (resources: Resources) =>
  ofType(resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.AlarmName);

describe('an app with its own functions and topics', () => {
  const stack = new cdk.Stack(new cdk.App(), 'Shop');
  const checkout = lambda.Function.fromFunctionName(stack, 'Checkout', 'checkout');
  const pager = new sns.Topic(stack, 'Pager', { enforceSSL: true });
  const orders = new sqs.Queue(stack, 'Orders');
  watchExisting(stack, { checkout, orders }, { pager, inbox: new sns.Topic(stack, 'Inbox') });
  const resources = resourcesOf(stack);

  test('gets alarms under its own name, and no functions', () => {
    expect(alarmNames(resources)).toEqual(
      expect.arrayContaining(['shop/tool/checkout/failing', 'shop/tool/checkout/killed']),
    );
    expect(ofType(resources, 'AWS::Lambda::Function')).toEqual([]);
    expect(findAlarmProblems(Template.fromStack(stack).toJSON(), headings)).toEqual([]);
  });

  test('lets CloudWatch publish to its topics, although TLS is enforced', () => {
    const policies = ofType(resources, 'AWS::SNS::TopicPolicy').map(({ Properties }) => JSON.stringify(Properties));
    expect(policies).toHaveLength(2);
    for (const policy of policies) expect(policy).toContain('"AlarmsMayPublish"');
  });

  test('has alarms on its queue, at the depths it states', () => {
    const depths = ofType(resources, 'AWS::CloudWatch::Alarm').flatMap(({ Properties: { AlarmName, Threshold } }) =>
      /queue\/orders\/f/.test(AlarmName) ? [[AlarmName, Threshold]] : [],
    );
    expect(depths).toEqual([
      ['shop/queue/orders/filling', 500],
      ['shop/queue/orders/flooded', 2_000],
    ]);
  });

  test('has alarms on the log group it names', () => {
    const malformed = ofType(resources, 'AWS::CloudWatch::Alarm').find(({ Properties }) =>
      /lines-malformed/.test(Properties.AlarmName),
    );
    expect(JSON.stringify(malformed)).toContain('"Value":"/shop/checkout"');
  });
});

describe('an app with its own network and database', () => {
  const { stack, vpc, database, retainedPayloads } = shopWithDatabase();
  storeInExisting(stack, vpc, database, retainedPayloads);
  const resources = resourcesOf(stack);

  test('gets the functions of the store, and no database', () => {
    const names = ofType(resources, 'AWS::Lambda::Function').flatMap(({ Properties }) => Properties.FunctionName ?? []);
    expect(names.sort()).toEqual(
      ['api', 'ingest', 'migrate', 'payloads', 'refresh', 'retention', 'sql'].map((name) => `shop-${name}`),
    );
    expect(ofType(resources, 'AWS::RDS::DBInstance')).toEqual([]);
    expect(findAlarmProblems(Template.fromStack(stack).toJSON(), headings)).toEqual([]);
  });

  test('has no alarm on completeness, which cannot be measured there', () => {
    // How often its functions ran is unknown, so it is unknown how many calls should have arrived.
    expect(alarmNames(resources)).toContain('shop/pipeline/payloads-lost');
    expect(alarmNames(resources)).not.toContain('shop/pipeline/incomplete');
  });

  test('has its lines subscribed to, and its database signed in to', () => {
    expect(ofType(resources, 'AWS::Logs::SubscriptionFilter')[0]?.Properties.LogGroupName).toBe('/shop/checkout');
    expect(JSON.stringify(rolesOfFunctions(resources)['shop-ingest'])).toContain('db-SHOP/toolwatch_writer');
  });

  test('has alarms on its database by what it states of it, not by the settings', () => {
    const databaseAlarms = (more: Partial<StoreLocation>) => {
      const { stack, ...location } = shopWithDatabase();
      new ToolObservability(stack, 'Observability', {
        tools: [{ name: 'checkout', alarms: { p95Ms: 2_000, errorRate: 0.02 } }],
        callLogName: '/shop/checkout',
        store: { ...location, ...more },
      });
      return Object.fromEntries(
        ofType(resourcesOf(stack), 'AWS::CloudWatch::Alarm').flatMap(({ Properties: { AlarmName, MetricName } }) =>
          AlarmName.startsWith('pipeline/database-') ? [[AlarmName, MetricName]] : [],
        ),
      );
    };
    expect(databaseAlarms({})).toEqual({
      'pipeline/database-full': 'FreeStorageSpace',
      'pipeline/database-tired': 'CPUUtilization',
    });
    expect(databaseAlarms({ databaseClass: new ec2.InstanceType('t4g.small'), diskGb: 100 })).toEqual({
      'pipeline/database-full': 'FreeStorageSpace',
      'pipeline/database-filling': 'disk_full_in_days',
      'pipeline/database-tired': 'CPUSurplusCreditBalance',
    });
  });

  test('tells retention how much of the disk calls may fill', () => {
    const { stack, ...location } = shopWithDatabase();
    new ToolObservability(stack, 'Observability', {
      tools: [],
      callLogName: '/shop/checkout',
      store: { ...location, diskGb: 100 },
    });
    const variables = ofType(resourcesOf(stack), 'AWS::Lambda::Function').flatMap(
      ({ Properties: { Environment } }) => Environment?.Variables.DISK_BYTES ?? [],
    );
    expect(variables).toEqual([String(100 * 1_024 ** 3)]);
  });
});
