import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildPage } from '../../../dashboard/build.ts';

/** What a phone with a bad connection still opens at once, in bytes. */
const MAX_GZIPPED = 150_000;

test('the page is one file without anything from elsewhere, and small when compressed', () => {
  const page = buildPage();
  expect(gzipSync(page).length).toBeLessThan(MAX_GZIPPED);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page.match(/<style/g)).toHaveLength(1);
  expect(page).not.toMatch(/\ssrc=["']?https?:|@import|url\(["']?https?:/);
});
