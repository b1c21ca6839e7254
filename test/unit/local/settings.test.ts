import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type SettingsInput, settingsFrom } from '../../../lib/settings.ts';
import { describeLeftOut, readLocalSettings } from '../../../local/settings.ts';

const urls = { shopUrl: 'http://127.0.0.1:1', pagerUrl: 'https://127.0.0.1:2/hook', url: 'http://localhost:3000' };

const settingsOf = (toolwatch: SettingsInput) => withFile(toolwatch, (file) => readLocalSettings(file, urls));

const withFile = <T>(toolwatch: SettingsInput, read: (file: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-settings-'));
  try {
    const file = join(folder, 'cdk.json');
    writeFileSync(file, JSON.stringify({ toolwatch }));
    return read(file);
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

test('what is only in the account is left out, and each such setting is named', () => {
  const key = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555';
  const inAccount: SettingsInput = {
    account: '123456789012',
    region: 'eu-central-1',
    topics: { critical: 'arn:aws:sns:eu-central-1:123456789012:pager' },
    callLogName: '/team/calls',
    keys: { logs: key, payloads: key },
    topicEncryption: key,
    roles: { permissionsBoundary: 'team/boundary' },
  };
  const { topics, callLogName, keys, topicEncryption, roles } = settingsOf(inAccount);
  expect([topics, callLogName, keys, topicEncryption]).toEqual([{}, undefined, {}, 'key']);
  expect(roles.permissionsBoundary).toBeUndefined();
  const sentences = withFile(inAccount, describeLeftOut);
  expect(sentences.map((sentence) => /^Setting ([^:]+): /.exec(sentence)?.[1])).toEqual([
    'topics.critical',
    'callLogName',
    'keys.logs',
    'keys.payloads',
    'topicEncryption',
    'roles.permissionsBoundary',
  ]);
  expect(sentences).toContain(
    'Setting callLogName: /team/calls is not here; lines of calls are in /toolwatch/calls instead.',
  );
});

test('with settings that need nothing of an account, nothing is left out', () => {
  expect(withFile({}, describeLeftOut)).toEqual([]);
});
