import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SettingsInput } from '../../lib/settings.ts';
import { root } from '../support/source-files.ts';

/** What `npm run synth` says with these settings, without the bill. */
const saidWith = (settings: SettingsInput) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-said-'));
  try {
    const file = join(folder, 'cdk.json');
    writeFileSync(file, JSON.stringify({ toolwatch: { toolSettings: { SHOP_URL: 'https://shop' }, ...settings } }));
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts', file], {
      cwd: root,
      env: { ...process.env, CDK_OUTDIR: join(folder, 'out') },
      encoding: 'utf8',
    });
    const [, afterBill = stderr] = stderr.split(/^in all .*\n/m);
    return { status, afterBill };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test('that nobody would be woken is said beside the bill, and stops nothing', () => {
  expect(saidWith({ alerts: { warning: { emails: ['tools@example.com'] } } })).toEqual({
    status: 0,
    afterBill: 'Nobody is woken: alarms that should wake somebody are told to no address; write alerts.critical.\n',
  });
  expect(saidWith({ alerts: { critical: { https: ['https://pager.example.com'] } } })).toEqual({
    status: 0,
    afterBill: '',
  });
});

test('a setting that nobody would heed stops it, in a sentence', () => {
  expect(saidWith({ toolSettings: { SHOP_URL: 'https://shop', SHOP_ULR: 'https://shop' } })).toEqual({
    status: 1,
    afterBill:
      'Setting toolSettings.SHOP_ULR: no tool reads it; tools read SHOP_URL. Leave it out, or name it in the facts of the tool that is to read it.\n',
  });
});
