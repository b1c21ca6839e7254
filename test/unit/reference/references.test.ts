import { expect, test } from 'vitest';
import { apiReference, settingsReference } from '../../../lib/reference/references.ts';

test('every setting that is not a group of others says what it does', () => {
  const rows = settingsReference().split('\n').slice(2);
  const silent = rows.filter((row) => /\| {2}\|$/.test(row) && !/\| object \|/.test(row));
  expect(silent).toEqual([]);
});

test('every path of the API says whom it is for', () => {
  const sections = apiReference().split(/^## /m).slice(1);
  expect(sections.length).toBeGreaterThan(10);
  expect(sections.filter((section) => !/^(Readers|Senders): /m.test(section))).toEqual([]);
});
