import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type SettingsInput, settingsFrom } from '../../../lib/settings.ts';
import { readLocalSettings } from '../../../local/settings.ts';

const urls = { shopUrl: 'http://127.0.0.1:1', pagerUrl: 'https://127.0.0.1:2/hook' };

const settingsOf = (toolwatch: SettingsInput) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-settings-'));
  try {
    writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ toolwatch }));
    return readLocalSettings(join(folder, 'cdk.json'), urls);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test('tools that use a shop get the URL of the local one', () => {
  expect(settingsOf({ toolSettings: { SHOP_URL: 'https://shop' } }).toolSettings).toEqual({ SHOP_URL: urls.shopUrl });
  expect(settingsOf({ toolSettings: { OTHER_URL: 'https://other' } }).toolSettings).toEqual({
    OTHER_URL: 'https://other',
  });
});

test('DEBUG is in the logs here, and from INFO on where it is deployed, unless the setting says more', () => {
  expect([settingsOf({}).logLevel, settingsFrom({}).logLevel]).toEqual(['DEBUG', 'INFO']);
  expect(settingsOf({ logLevel: 'TRACE' }).logLevel).toBe('TRACE');
});

test('a database that may pause when deployed does not pause here, where it is refreshed every minute', () => {
  const { refreshMinutes, database } = settingsOf({ refreshMinutes: 60, database: { kind: 'aurora', minCapacity: 0 } });
  expect([refreshMinutes, database.minCapacity]).toEqual([1, 0.5]);
});
