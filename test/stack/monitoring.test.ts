import * as cdk from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { findAlarmProblems, readRunbookHeadings } from '../../lib/alarm-audit.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { ToolObservability, type ToolObservabilityProps } from '../../lib/tool-observability.ts';
import { expectedAlarms } from '../../operate/doctor/expected.ts';
import { addStoreLocation } from '../support/shop-stack.ts';
import { read } from '../support/source-files.ts';
import { alarmsOf, aTool, ofType, type Resources, synthesize } from '../support/synthesized.ts';

const headings = readRunbookHeadings(read('docs/runbook.md'));
const WITH_RECIPIENTS: SettingsInput = {
  alerts: {
    critical: { emails: ['a@example.com'], https: ['https://example.com/hook'] },
    warning: { emails: ['b@example.com'] },
  },
};
const namesIn = (resources: Resources): string[] => alarmsOf(resources).map(({ Properties }) => Properties.AlarmName);
const lean = (more: SettingsInput = {}, tools = [aTool()]) =>
  synthesize({ ...WITH_RECIPIENTS, ...more, monitoring: 'lean' }, tools).resources;

describe('lean monitoring', () => {
  const resources = lean(
    { frontDoor: { kind: 'http-api', jwt: { issuer: 'https://i.example.com', audience: ['a'] } } },
    [
      aTool({ provider: 'shop' }),
      aTool({ name: 'place_order', provider: 'shop' }),
      aTool({ name: 'greet', alarms: { p95Ms: 1_000, errorRate: 0.1, silentAfterMinutes: 60 } }),
    ],
  );

  test('has alarms on failing and slow tools, on what facts ask for, and on lost data and notifications', () => {
    expect(namesIn(resources).sort()).toEqual([
      'drill/critical',
      'drill/warning',
      'monitoring/off',
      'monitoring/unchecked',
      'pipeline/database-full',
      'pipeline/direct-critical',
      'pipeline/direct-warning',
      'pipeline/door-shut',
      'pipeline/drill-unheard',
      'pipeline/everybody-refused',
      'pipeline/everybody-refused/calls',
      'pipeline/everybody-refused/requests',
      'pipeline/gateway-failing',
      'pipeline/incomplete',
      'pipeline/ingest-lagging',
      'pipeline/notifications-undelivered',
      'pipeline/notifications-unread',
      'pipeline/notifier-failing',
      'pipeline/notifier-stopped',
      'pipeline/notifier-works',
      'pipeline/payloads-kept',
      'pipeline/payloads-lost',
      'pipeline/requests-throttled',
      'provider/shop/degraded',
      'provider/shop/down',
      'provider/shop/failing',
      'rules/critical',
      'rules/not-evaluated',
      'rules/warning',
      'tool/greet/failing',
      'tool/greet/silent',
      'tool/greet/slow',
      'tool/order_status/failing',
      'tool/order_status/slow',
      'tool/place_order/failing',
      'tool/place_order/slow',
      'tools/burning-fast',
      'tools/burning-slowly',
      'tools/calls-vanished',
      'tools/new-errors',
      'tools/trickle',
    ]);
    expect(findAlarmProblems({ Resources: resources }, headings)).toEqual([]);
  });

  test('has no dashboard, and no alarm links to one', () => {
    expect(ofType(resources, 'AWS::CloudWatch::Dashboard')).toEqual([]);
    expect(JSON.stringify(alarmsOf(resources))).not.toContain('Dashboard');
    expect(JSON.stringify(alarmsOf(synthesize(WITH_RECIPIENTS).resources))).toContain('Dashboard');
  });

  test('reads the queue of undelivered notifications with a webhook, and SNS failures without', () => {
    const undelivered = (deployed: Resources) =>
      JSON.stringify(
        alarmsOf(deployed).find(({ Properties }) => Properties.AlarmName === 'pipeline/notifications-undelivered'),
      );
    expect(undelivered(resources)).not.toContain('NumberOfNotificationsFailed');
    const byMail = lean({ alerts: { critical: { emails: ['a@example.com'] } } });
    expect(undelivered(byMail)).toContain('NumberOfNotificationsFailed');
  });

  test('has two alarms for each of two hundred tools', () => {
    const many = lean(
      {},
      Array.from({ length: 200 }, (_, at) => aTool({ name: `tool_${at}` })),
    );
    expect(namesIn(many).filter((name) => name.startsWith('tool/'))).toHaveLength(400);
  });

  test('is what the doctor expects of such a deployment', () => {
    const expected = expectedAlarms(
      settingsFrom({ ...WITH_RECIPIENTS, monitoring: 'lean', toolSettings: { SHOP_URL: 'https://shop.example.com' } }),
    );
    expect(expected).toContain('tool/order_status/failing');
    expect(expected.filter((name) => /store-down|refresh/.test(name))).toEqual([]);
  });
});

describe('lean monitoring of an app with its own tools', () => {
  const alarmsWith = (store?: (stack: cdk.Stack) => ToolObservabilityProps['store']) => {
    const stack = new cdk.Stack(new cdk.App(), 'Shop');
    const location = store?.(stack);
    new ToolObservability(stack, 'Observability', {
      tools: [{ name: 'checkout', alarms: { p95Ms: 2_000, errorRate: 0.02 } }],
      callLogName: '/shop/checkout',
      settings: { monitoring: 'lean' },
      ...(location ? { store: location } : {}),
    });
    const resources = Template.fromStack(stack).toJSON().Resources as Resources;
    expect(ofType(resources, 'AWS::CloudWatch::Dashboard')).toEqual([]);
    return namesIn(resources).sort();
  };

  test('has alarms on the lines themselves, because completeness is not measured', () => {
    expect(alarmsWith()).toEqual([
      'pipeline/lines-malformed',
      'pipeline/telemetry-dropped',
      'tool/checkout/failing',
      'tool/checkout/slow',
    ]);
  });

  test('has alarms on their way to the store, where there is one', () => {
    expect(alarmsWith(addStoreLocation).filter((name) => name.startsWith('pipeline/'))).toEqual([
      'pipeline/database-full',
      'pipeline/delivery-failing',
      'pipeline/ingest-lagging',
      'pipeline/lines-malformed',
      'pipeline/notifications-undelivered',
      'pipeline/payloads-kept',
      'pipeline/payloads-lost',
      'pipeline/telemetry-dropped',
    ]);
  });
});
