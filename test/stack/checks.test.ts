import { describe, expect, test } from 'vitest';
import { estimateBill, totalBill } from '../../lib/bill/bill.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { aTool, ofType, rolesOfFunctions, type Statement, synthesize } from '../support/synthesized.ts';

const http = { kind: 'http', name: 'shop', url: 'https://shop.example.com/ping' } as const;
const queue = { kind: 'queue', name: 'orders', queue: 'orders' } as const;

const deploy = (input: SettingsInput) => {
  const tools = [aTool({ provider: 'ghl_api' })];
  const { resources } = synthesize(input, tools);
  const functionNamed = (name: string) =>
    ofType(resources, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === name)?.Properties;
  const bill = estimateBill({
    settings: settingsFrom(input),
    tools: tools.length,
    resources: Object.values(resources),
  });
  return { resources, functionNamed, bill };
};

describe('the checks of the settings', () => {
  test('without any there is no function for them', () => {
    expect(deploy({}).functionNamed('toolwatch-checks')).toBeUndefined();
  });

  test('run outside the network of the database, for as long as the slowest may take, as often as the settings say', () => {
    const { functionNamed, resources } = deploy({ checks: [http, { ...http, name: 'b', timeoutSeconds: 20 }] });
    const checks = functionNamed('toolwatch-checks');
    expect(checks?.VpcConfig).toBeUndefined();
    expect(checks?.Timeout).toBe(30);
    expect(JSON.parse(checks?.Environment.Variables.CHECKS)).toMatchObject([
      { name: 'shop', timeoutSeconds: 5, critical: false },
      { name: 'b' },
    ]);
    expect(
      ofType(resources, 'AWS::Scheduler::Schedule').filter(
        ({ Properties }) => Properties.Description === 'Checks what the tools depend on',
      ),
    ).toMatchObject([{ Properties: { ScheduleExpression: 'rate(5 minutes)' } }]);
  });

  test('may read metrics only if one of them needs those', () => {
    const rights = (input: SettingsInput) =>
      (rolesOfFunctions(deploy(input).resources)['toolwatch-checks'] ?? [])
        .flatMap(({ Action }: Statement) => Action)
        .filter((action) => !action.startsWith('logs:'));
    expect(rights({ checks: [http] })).toEqual([]);
    expect(rights({ checks: [http, queue] })).toEqual(['cloudwatch:GetMetricData']);
  });

  test('and the probes and providers are what health expects results of', () => {
    const { functionNamed } = deploy({
      checks: [
        { ...http, critical: true },
        { ...queue, name: 'nightly' },
      ],
      probes: [{ name: 'nightly', silentAfterMinutes: 60 }],
      checkMinutes: 2,
    });
    expect(JSON.parse(functionNamed('toolwatch-api')?.Environment.Variables.HEALTH_EXPECTED)).toEqual({
      providers: ['ghl_api'],
      checks: [
        { name: 'nightly', type: 'probe', critical: false, minutes: 60 },
        { name: 'shop', type: 'http', critical: true, minutes: 6 },
      ],
    });
  });

  test('cost what their description says', () => {
    const without = totalBill(deploy({}).bill);
    const alone = totalBill(deploy({ checks: [http] }).bill);
    // Beside the first check, which pays for the function's starts.
    expect(totalBill(deploy({ checks: [http, { ...http, name: 'b' }] }).bill) - alone).toBeCloseTo(0.61, 1);
    expect(alone - without).toBeCloseTo(0.61 + 0.14, 1);
    expect(totalBill(deploy({ checks: [http, queue] }).bill) - alone).toBeCloseTo(0.61 + 0.18, 1);
  });
});

const REFUSED: [SettingsInput, string][] = [
  [{ checks: [{ ...http, url: 'ftp://x' }] }, 'Setting checks.0.url: write an address that begins with https:// or'],
  [{ checks: [http, http] }, 'Setting checks: shop is listed twice; write it once.'],
  [{ checks: [{ ...http, name: 'a b' }] }, 'Setting checks.0.name: write letters, digits, _ and -.'],
  [{ checks: [{ kind: 'ping', name: 'a' } as never] }, "Setting checks.0.kind: write kind: 'http', 'certificate',"],
  [{ checks: [{ kind: 'certificate', name: 'a', host: 'https://x' }] }, 'Setting checks.0.host: write a host such as'],
  [
    { checks: [{ kind: 'credential', name: 'a', renewedOn: 'May' }] },
    'Setting checks.0.renewedOn: write a day such as',
  ],
  [{ checks: [{ ...queue, warningDepth: 9, criticalDepth: 9 }] }, 'write warningDepth < criticalDepth.'],
  [
    { checks: Array.from({ length: 30 }, (_, at) => ({ ...http, name: `c${at}` })) },
    'Setting checks: they take more than 2800 characters as JSON; write fewer, or shorter addresses.',
  ],
];

test.each(REFUSED.map(([input, message]) => ({ input, message })))(
  'settings that cannot be deployed are refused: $message',
  ({ input, message }) => {
    expect(() => settingsFrom(input)).toThrow(message);
  },
);
