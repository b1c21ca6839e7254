import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SettingsInput } from '../../lib/settings.ts';
import { root } from '../support/source-files.ts';
import { aTool, synthesize } from '../support/synthesized.ts';

/** What `npm run synth` prints with these settings, after the bill. */
const synthOutput = (settings: SettingsInput, env: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-synth-output-'));
  try {
    const file = join(folder, 'cdk.json');
    writeFileSync(file, JSON.stringify({ toolwatch: { toolSettings: { SHOP_URL: 'https://shop' }, ...settings } }));
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts', file], {
      cwd: root,
      env: { ...process.env, CDK_OUTDIR: join(folder, 'out'), ...env },
      encoding: 'utf8',
    });
    const [, afterBill = stderr] = stderr.split(/^total .*\n/m);
    return { status, afterBill };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test('critical alarms without a recipient are reported after the bill, and do not fail synthesis', () => {
  expect(synthOutput({ alerts: { warning: { emails: ['tools@example.com'] } } })).toEqual({
    status: 0,
    afterBill:
      'Critical alarms have no recipient; write alerts.critical.\n' +
      'Nobody is invited to sign in; write frontDoor.signIn.firstUser, or add people in the console of Cognito.\n',
  });
  const alerts = { critical: { https: ['https://pager.example.com'] } };
  for (const frontDoor of [
    { kind: 'http-api', signIn: { firstUser: 'ann@example.com' } },
    { kind: 'function-url' },
  ] as const) {
    expect(synthOutput({ alerts, frontDoor })).toEqual({ status: 0, afterBill: '' });
  }
});

test('a setting without effect fails synthesis, with a sentence', () => {
  expect(synthOutput({ toolSettings: { SHOP_URL: 'https://shop', SHOP_ULR: 'https://shop' } })).toEqual({
    status: 1,
    afterBill:
      'Setting toolSettings.SHOP_ULR: no tool reads it; tools read SHOP_URL. ' +
      "Leave it out, or name it in the settings of a tool's facts.\n",
  });
});

test('what the region of the CLI’s credentials lacks ends synthesis with a sentence, not with a stack trace', () => {
  const { status, afterBill } = synthOutput(
    { frontDoor: { kind: 'function-url' } },
    { CDK_VALIDATION: 'true', CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'eu-central-2' },
  );
  expect(status).toBe(1);
  expect(afterBill).toMatch(
    /(^|\n)Setting frontDoor: write kind: 'http-api'; the region eu-central-2 has no AWS::Lambda::Url\.\n$/,
  );
  expect(afterBill).not.toMatch(/^\s+at |node_modules/m);
});

describe('CloudFormation’s schemas allow', () => {
  beforeAll(() => void vi.stubEnv('CDK_VALIDATION', 'true'));
  afterAll(() => void vi.unstubAllEnvs());

  const key = 'arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-4000-8000-000000000000';
  test.each<[string, SettingsInput]>([
    ['the default settings', {}],
    ['lean monitoring', { monitoring: 'lean' }],
    ['a function URL as the front door', { frontDoor: { kind: 'function-url' } }],
    ['Aurora', { database: { kind: 'aurora' } }],
    ['a proxy and two zones', { database: { proxy: true, multiAz: true } }],
    [
      'everything that is off by default',
      {
        openTelemetry: { endpoint: 'https://otlp.example.com/v1/traces', headers: { secret: 'otlp', keyArn: key } },
        checks: [{ kind: 'http', name: 'web', url: 'https://example.com' }],
        probes: [{ name: 'nightly', silentAfterMinutes: 60 }],
        queues: [{ name: 'orders' }],
        alarms: { callerFaultShift: true },
        topicEncryption: 'key',
        rollout: { kind: 'linear', percent: 10, everyMinutes: 5 },
        alerts: {
          critical: { emails: ['a@example.com'], https: ['https://example.com/hook'] },
          channels: [{ name: 'chat', type: 'slack-webhook', secret: { secret: 'chat' } }],
        },
        mutes: [{ name: 'nightly', reason: 'a backup', at: 'cron(0 2 * * *)', minutes: 60, alarms: ['tool/*/slow'] }],
      },
    ],
  ])('%s', (_, settings) => {
    expect(() => synthesize(settings, [aTool({ provider: 'shop' }), aTool({ name: 'place_order' })])).not.toThrow();
  });
});
