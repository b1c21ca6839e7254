import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settingsFrom } from '../../../lib/settings.ts';
import { fingerprintSources, noteSynthesis, readLastSynthesis } from '../../../local/last-synthesis.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolwatch-synthesis-'));
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'stack.ts'), 'one');
  writeFileSync(join(folder, 'ca.pem'), 'a certificate');
});
afterEach(() => rmSync(folder, { recursive: true }));

const fingerprint = (input: Parameters<typeof settingsFrom>[0] = {}) =>
  fingerprintSources(settingsFrom(input), [join(folder, 'lib'), join(folder, 'missing')]);

describe('the fingerprint of what is synthesized', () => {
  test('stays the same while nothing changes', () => {
    expect(fingerprint()).toBe(fingerprint());
  });

  test.each([
    ['a file is edited', () => writeFileSync(join(folder, 'lib', 'stack.ts'), 'two')],
    ['a file is added', () => writeFileSync(join(folder, 'lib', 'new.ts'), '')],
    ['a file is renamed', () => renameSync(join(folder, 'lib', 'stack.ts'), join(folder, 'lib', 'other.ts'))],
    ['a file is removed', () => rmSync(join(folder, 'lib', 'stack.ts'))],
    ['a file is there that was not', () => writeFileSync(join(folder, 'missing'), '')],
  ])('changes when %s', (_, change) => {
    const before = fingerprint();
    change();
    expect(fingerprint()).not.toBe(before);
  });

  test('changes with a setting, and with the content of a file that a setting names', () => {
    expect(fingerprint({ monitoring: 'lean' })).not.toBe(fingerprint());
    const settings = { database: { caFile: join(folder, 'ca.pem') } };
    const before = fingerprint(settings);
    writeFileSync(join(folder, 'ca.pem'), 'another certificate');
    expect(fingerprint(settings)).not.toBe(before);
  });
});

test('a folder is read again only when it was synthesized from the same, to its end', () => {
  expect(readLastSynthesis(folder, 'one')).toBeUndefined();
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: '38.0.0', artifacts: {} }));
  noteSynthesis(folder, 'one');
  expect(readLastSynthesis(folder, 'two')).toBeUndefined();
  expect(readLastSynthesis(folder, 'one')?.stacks).toEqual([]);
});
