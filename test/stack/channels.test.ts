import { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { estimateBill } from '../../lib/bill/bill.ts';
import { waysOfReport } from '../../lib/report.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { ToolObservability } from '../../lib/tool-observability.ts';
import {
  alarmsOf,
  aTool,
  listOf,
  ofType,
  type Resources,
  rolesOfFunctions,
  synthesize,
} from '../support/synthesized.ts';

type Channels = NonNullable<NonNullable<SettingsInput['alerts']>['channels']>;
type Channel = Channels[number];

const TOOLS = [aTool({ name: 'order_status', provider: 'shop' }), aTool({ name: 'weather', secrets: ['WEATHER_KEY'] })];
const withChannels = (...channels: Channel[]): SettingsInput => ({ alerts: { channels } });
const SLACK: Channel = { name: 'team-chat', type: 'slack-webhook' };
const PAGER: Channel = {
  name: 'oncall',
  type: 'pagerduty',
  secret: { parameter: '/oncall/key' },
  severities: ['critical'],
  tools: ['order_status'],
};
const WEBHOOK: Channel = { name: 'own', type: 'webhook', secretName: 'ALERT_WEBHOOK_URL', headers: { 'x-team': 'a' } };

const plain = synthesize({}, TOOLS).resources;
const { resources, perStack } = synthesize(
  { ...withChannels(SLACK, PAGER, WEBHOOK), weekReport: { timeZone: 'Europe/Berlin' } },
  TOOLS,
);

const functionNamed = (name: string) =>
  ofType(resources, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === name)?.Properties;
const queuesNamed = (within: Resources) =>
  ofType(within, 'AWS::SQS::Queue').flatMap(({ Properties }) => Properties.QueueName ?? []);
/** What a statement allows and on what, as text. */
const allowed = (functionName: string, action: RegExp): string[] =>
  (rolesOfFunctions(resources)[functionName] ?? [])
    .filter(({ Action }) => listOf(Action).some((each) => action.test(each)))
    .flatMap(({ Action, Resource }) => listOf(Resource).map((one) => `${listOf(Action)} ${JSON.stringify(one)}`));

describe('a deployment without channels', () => {
  test('has nothing of them', () => {
    const text = JSON.stringify(plain);
    expect(text).not.toMatch(/toolwatch-deliver|toolwatch-channel|"CHANNELS"|"channel\/|\.fifo/);
    expect(queuesNamed(plain)).toEqual([]);
  });
});

describe('a deployment with channels', () => {
  test('has two FIFO queues for each, in which a notice stays for two weeks', () => {
    const queues = ofType(resources, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.FifoQueue);
    expect(queues.map(({ Properties }) => Properties.QueueName).sort()).toEqual([
      'toolwatch-channel-oncall.fifo',
      'toolwatch-channel-own.fifo',
      'toolwatch-channel-team-chat.fifo',
      'toolwatch-dead-oncall.fifo',
      'toolwatch-dead-own.fifo',
      'toolwatch-dead-team-chat.fifo',
    ]);
    for (const { Properties } of queues) {
      expect(Properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true });
      // Nobody may make a queue take what it takes once for something else.
      expect(Properties.ContentBasedDeduplication).toBeUndefined();
    }
    const waiting = queues.filter(({ Properties }) => Properties.RedrivePolicy);
    expect(waiting).toHaveLength(3);
    for (const { Properties } of waiting) {
      expect(Properties.RedrivePolicy.maxReceiveCount).toBe(12);
      expect(Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * functionNamed('toolwatch-deliver').Timeout);
    }
  });

  test('has one function with a mapping for each queue, one notice at a time, and its own concurrency', () => {
    const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping').filter(
      ({ Properties }) => Properties.BatchSize === 1,
    );
    expect(mappings).toHaveLength(3);
    for (const { Properties } of mappings) {
      expect(Properties).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      });
      expect(Properties.MaximumBatchingWindowInSeconds).toBeUndefined();
    }
    expect(functionNamed('toolwatch-deliver')).toMatchObject({ ReservedConcurrentExecutions: 6 });
    expect(functionNamed('toolwatch-deliver').VpcConfig).toBeUndefined();
  });

  test('reads exactly the secrets of its channels, and creates those that have no place', () => {
    expect(allowed('toolwatch-deliver', /^(secretsmanager|ssm|kms):/)).toEqual([
      expect.stringMatching(/^secretsmanager:GetSecretValue .*secret:toolwatch\/ALERT_WEBHOOK_URL-\?{6}/),
      expect.stringMatching(/^secretsmanager:GetSecretValue .*secret:toolwatch\/CHANNEL_TEAM_CHAT-\?{6}/),
      expect.stringMatching(/^ssm:GetParameter .*parameter\/oncall\/key/),
    ]);
    const created = ofType(perStack.ToolwatchData ?? {}, 'AWS::SecretsManager::Secret');
    expect(created.map(({ Properties }) => Properties.Name).sort()).toEqual([
      'toolwatch/ALERT_WEBHOOK_URL',
      'toolwatch/CHANNEL_TEAM_CHAT',
      'toolwatch/WEATHER_KEY',
    ]);
    expect(JSON.parse(functionNamed('toolwatch-deliver').Environment.Variables.TOOLWATCH_SECRETS)).toEqual({
      CHANNEL_TEAM_CHAT: { secret: 'toolwatch/CHANNEL_TEAM_CHAT' },
      CHANNEL_ONCALL: { parameter: '/oncall/key' },
      ALERT_WEBHOOK_URL: { secret: 'toolwatch/ALERT_WEBHOOK_URL' },
    });
  });

  test('lets the notifier send to the queues of channels only, and what delivers to their dead letters only', () => {
    const idsOf = (kind: string) =>
      Object.entries(perStack.ToolwatchApp ?? {})
        .filter(([id, { Type }]) => Type === 'AWS::SQS::Queue' && id.startsWith('Channels') && id.includes(kind))
        .map(([id]) => `sqs:SendMessage {"Fn::GetAtt":["${id}","Arn"]}`)
        .sort();
    expect(allowed('toolwatch-notify', /^sqs:SendMessage$/).sort()).toEqual(idsOf('Queue'));
    expect(allowed('toolwatch-deliver', /^sqs:SendMessage$/).sort()).toEqual(idsOf('DeadLetters'));
    expect(idsOf('Queue')).toHaveLength(3);
  });

  test('has alarms that publish to people and pagers of both severities, and to the notifier for other channels', () => {
    const alarms = alarmsOf(resources).filter(({ Properties }) => Properties.AlarmName.startsWith('channel/'));
    expect(alarms.map(({ Properties }) => Properties.AlarmName).sort()).toEqual(
      ['oncall', 'own', 'team-chat'].flatMap((name) =>
        ['dead', 'dead-letters', 'waiting'].map((condition) => `channel/${name}/${condition}`),
      ),
    );
    for (const { Properties } of alarms) {
      expect(JSON.stringify(Properties.AlarmActions)).toMatch(/TopicsCritical.*TopicsWarning/);
      expect(JSON.stringify(Properties.AlarmActions)).toContain('Notify');
    }
    const dead = alarms.find(({ Properties }) => Properties.AlarmName === 'channel/oncall/dead')?.Properties;
    expect(dead).toMatchObject({ Period: 60, EvaluationPeriods: 1, MetricName: 'channel_dead' });
  });

  test('says what each channel gets, and nothing that is secret', () => {
    const { CHANNELS } = functionNamed('toolwatch-notify').Environment.Variables;
    const text = JSON.stringify(CHANNELS);
    expect(text).toContain(String.raw`\"filter\":{\"severities\":[\"critical\"],\"tools\":[\"order_status\"]}`);
    expect(text).not.toContain('oncall/key');
    const delivered = JSON.stringify(functionNamed('toolwatch-deliver').Environment.Variables.CHANNELS);
    expect(delivered).toContain(String.raw`\"settings\":{\"headers\":{\"x-team\":\"a\"}}`);
  });

  test('has what is remembered of channels expire', () => {
    const [table] = ofType(resources, 'AWS::DynamoDB::Table');
    expect(table?.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expires', Enabled: true });
  });

  test('costs what the settings say', () => {
    const bill = (input: SettingsInput, within: Resources) => {
      const lines = estimateBill({ settings: settingsFrom(input), tools: 2, resources: Object.values(within) });
      return lines.reduce((sum, { dollars }) => sum + dollars, 0);
    };
    // Where somebody is notified there is a drill, with channels or without.
    const people = { critical: { emails: ['a@example.com'] }, warning: { emails: ['b@example.com'] } };
    const [before, after] = [{ alerts: people }, { alerts: { ...people, channels: [SLACK, PAGER, WEBHOOK] } }];
    const resourcesOf = (input: SettingsInput) => synthesize(input, TOOLS).resources;
    const more = bill(after, resourcesOf(after)) - bill(before, resourcesOf(before));
    const created = 2;
    expect((more - created * 0.4) / 3).toBeCloseTo(0.66, 1);
  });
});

describe('the report of a week', () => {
  const namesOf = (within: Resources) =>
    JSON.stringify(ofType(within, 'AWS::Lambda::Function', 'AWS::CloudWatch::Alarm'));

  test('is sent where somebody gets it, by the clocks of its time zone', () => {
    expect(functionNamed('toolwatch-report')?.Environment.Variables).toMatchObject({
      MAILED: 'no',
      TIME_ZONE: 'Europe/Berlin',
    });
    const schedules = ofType(resources, 'AWS::Scheduler::Schedule').map(({ Properties }) => [
      Properties.ScheduleExpression,
      Properties.ScheduleExpressionTimezone,
    ]);
    expect(schedules).toContainEqual(['cron(0 8 ? * MON *)', 'Europe/Berlin']);
    // All others are in UTC, as the bill, the self-check and retention expect them.
    expect(schedules.filter(([, zone]) => zone !== 'UTC')).toHaveLength(1);
    expect(namesOf(resources)).toContain('pipeline/report-failed');
  });

  test('is left out where nobody would get it', () => {
    expect(namesOf(plain)).not.toMatch(/toolwatch-report|report-failed/);
  });

  test.each<[string, SettingsInput['alerts'], boolean, boolean]>([
    ['by nobody of critical alarms alone', { critical: { emails: ['a@example.com'] } }, false, false],
    ['by mail by those of warnings', { warning: { emails: ['a@example.com'] } }, true, false],
    ['by no pager of warnings', { warning: { https: ['https://pager.example.com'] } }, false, false],
    [
      'by no pager',
      {
        channels: [
          { name: 'a', type: 'pagerduty' },
          { name: 'b', type: 'jsm' },
        ],
      },
      false,
      false,
    ],
    ['in a chat', { channels: [SLACK] }, false, true],
    ['in no chat for pages', { channels: [{ ...SLACK, severities: ['critical', 'warning'] }] }, false, false],
    ['in no chat for incidents', { channels: [{ ...SLACK, types: ['incident'] }] }, false, false],
    ['in no chat about a tool', { channels: [{ ...SLACK, tools: ['order_status'] }] }, false, false],
    ['in a chat for reports', { channels: [{ ...SLACK, severities: ['info'], types: ['report'] }] }, false, true],
  ])('is got %s', (_, alerts, mailed, shown) => {
    expect(waysOfReport(settingsFrom({ alerts }))).toEqual({ mailed, shown });
  });

  test('is not shown to tenants, of whom it is not', () => {
    const { alerts } = withChannels({ ...SLACK, tenants: ['acme'] });
    expect(waysOfReport(settingsFrom({ alerts, tenants: true }))).toEqual({ mailed: false, shown: false });
  });
});

describe('settings of channels that are refused', () => {
  const attempt = (...channels: unknown[]) => {
    try {
      synthesize(withChannels(...(channels as Channel[])), TOOLS);
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  const aSecret = (region: string) => ({ secret: `arn:aws:secretsmanager:${region}:123456789012:secret:a` });

  test.each<[string, unknown[], RegExp]>([
    ['an unknown type', [{ name: 'a', type: 'telegraph' }], /^Setting alerts\.channels\.0\.type: /],
    ['a name that is none', [{ ...SLACK, name: 'A b' }], /alerts\.channels\.0\.name: write lower-case letters/],
    ['a name that is too long', [{ ...SLACK, name: 'a'.repeat(25) }], /write at most 24 characters/],
    ['a name twice', [SLACK, SLACK], /alerts\.channels: team-chat is listed twice; write it once/],
    ['an unknown key', [{ ...SLACK, url: 'https://hooks.slack.com/services/x' }], /alerts\.channels\.0: .*url/],
    ['an empty filter', [{ ...SLACK, tools: [] }], /alerts\.channels\.0\.tools: write at least one, or leave it out/],
    ['an unknown severity', [{ ...SLACK, severities: ['fatal'] }], /alerts\.channels\.0\.severities\.0: /],
    ['a type of notice that is none', [{ ...SLACK, types: ['incident.*'] }], /write a type of notice/],
    [
      'an unknown tool',
      [{ ...SLACK, tools: ['orders'] }],
      /about the tool orders, which does not exist; there are order_st/,
    ],
    ['an unknown provider', [{ ...SLACK, providers: ['bank'] }], /about the provider bank, .*there are shop\./],
    [
      'tenants where there are none',
      [{ ...SLACK, tenants: ['acme'] }],
      /team-chat is for some tenants, and there are none/,
    ],
    ["a tool's secret", [{ ...SLACK, secretName: 'WEATHER_KEY' }], /the secret WEATHER_KEY, which is a tool's/],
    [
      'one secret at two places',
      [
        { ...SLACK, secretName: 'S', secret: { parameter: '/a' } },
        { ...WEBHOOK, secretName: 'S' },
      ],
      /team-chat and own name the secret S, but store it at different places/,
    ],
    [
      'a retired endpoint',
      [{ name: 'a', type: 'jsm', host: 'api.opsgenie.com' }],
      /api\.opsgenie\.com must not be used/,
    ],
    [
      'more than ten',
      Array.from({ length: 11 }, (_, index) => ({ ...SLACK, name: `a${index}` })),
      /at most 10 channels/,
    ],
    [
      'more than fits',
      [{ ...WEBHOOK, headers: { 'x-a': 'a'.repeat(3_000) } }],
      /characters as JSON, and 2000 are possible/,
    ],
  ])('%s', (_, channels, message) => {
    expect(attempt(...channels)).toMatch(message);
  });

  test('a secret of another region', () => {
    const channels = [{ ...SLACK, secret: aSecret('eu-west-1') }];
    const settings = { account: '123456789012', region: 'eu-central-1', alerts: { channels } };
    expect(() => settingsFrom(settings)).toThrow(
      'the secret of team-chat is in eu-west-1, and it is read in eu-central-1',
    );
    expect(() =>
      settingsFrom({ ...settings, alerts: { channels: [{ ...SLACK, secret: aSecret('eu-central-1') }] } }),
    ).not.toThrow();
  });

  test('in an app without a notifier', () => {
    const settings = withChannels(SLACK);
    expect(() => new ToolObservability(new Stack(), 'Tools', { tools: [], callLogName: '/calls', settings })).toThrow(
      'Setting alerts.channels: the notifier writes to channels',
    );
  });
});

test('the names of queues fit, whatever the deployment and the channel are called', () => {
  const names = queuesNamed(
    synthesize({ deploymentName: 'd'.repeat(40), ...withChannels({ ...SLACK, name: 'c'.repeat(24) }) }, TOOLS)
      .resources,
  );
  expect(names).toHaveLength(2);
  for (const name of names) expect(name.length).toBeLessThanOrEqual(80);
});
