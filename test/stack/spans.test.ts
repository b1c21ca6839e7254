import { describe, expect, test } from 'vitest';
import { estimateBill } from '../../lib/bill/bill.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { alarmsOf, ofType, rolesOfFunctions, type Statement, synthesize } from '../support/synthesized.ts';

const endpoint = 'https://otlp.example.com/v1/traces';
const deploy = (input: SettingsInput) => {
  const { resources } = synthesize(input);
  const spans = ofType(resources, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties.FunctionName === 'toolwatch-spans',
  )?.Properties;
  return { resources, spans };
};

describe('the setting openTelemetry', () => {
  test('is off by default: nothing is deployed for it', () => {
    const { resources, spans } = deploy({});
    expect(spans).toBeUndefined();
    expect(JSON.stringify(alarmsOf(resources))).not.toContain('spans');
  });

  test('deploys a function outside the network of the database, subscribed to the calls that ingest gets, with an alarm', () => {
    const { resources, spans } = deploy({ openTelemetry: { endpoint } });
    expect(spans).toMatchObject({ Environment: { Variables: { SPANS_ENDPOINT: endpoint, SPANS_HEADERS: 'none' } } });
    expect(spans?.VpcConfig).toBeUndefined();
    const filters = ofType(resources, 'AWS::Logs::SubscriptionFilter').map(({ Properties }) => Properties);
    const patternOf = (name: string) => filters.find(({ FilterName }) => FilterName === name)?.FilterPattern;
    expect(patternOf('spans')).toBe(patternOf('calls'));
    expect(patternOf('calls')).toBeDefined();
    // CloudWatch Logs takes two for a log group.
    const groups = filters.map(({ LogGroupName }) => JSON.stringify(LogGroupName));
    expect(groups.filter((group) => group === groups[0])).toHaveLength(2);
    expect(alarmsOf(resources).map(({ Properties }) => Properties.AlarmName)).toContain('pipeline/spans-unsent');
    const settings = settingsFrom({ openTelemetry: { endpoint } });
    const bill = estimateBill({ settings, tools: 2, resources: Object.values(resources) });
    expect(bill.find(({ item }) => item === 'spans')?.dollars).toBeGreaterThan(0);
  });

  test('may read the one secret of its headers and nothing else', () => {
    const rights = (input: SettingsInput) =>
      (rolesOfFunctions(deploy(input).resources)['toolwatch-spans'] ?? [])
        .flatMap(({ Action }: Statement) => Action)
        .filter((action) => !action.startsWith('logs:'));
    expect(rights({ openTelemetry: { endpoint } })).toEqual([]);
    const headers = { secret: 'otlp-headers' };
    expect(rights({ openTelemetry: { endpoint, headers } })).toEqual(['secretsmanager:GetSecretValue']);
    const { spans } = deploy({ openTelemetry: { endpoint, headers } });
    expect(JSON.parse(spans?.Environment.Variables.TOOLWATCH_SECRETS)).toEqual({ SPAN_HEADERS: headers });
  });

  test.each(['http://otlp.example.com/v1/traces', 'ftp://otlp.example.com', 'otlp.example.com'])(
    'takes no address that is not encrypted: %s',
    (address) => {
      expect(() => settingsFrom({ openTelemetry: { endpoint: address } })).toThrow(
        /openTelemetry.endpoint: write an address/,
      );
    },
  );
});
