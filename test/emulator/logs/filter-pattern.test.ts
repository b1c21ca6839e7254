import { expect, test } from 'vitest';
import { parseFilter } from '../../../emulator/logs/filter-pattern.ts';

const ours = parseFilter('{ $.schema = "toolwatch.v1" }');

test.each([
  ['{"schema":"toolwatch.v1","name":"a"}', true],
  ['{"schema":"toolwatch.v2"}', false],
  ['{"schema":1}', false],
  ['{"nested":{"schema":"toolwatch.v1"}}', false],
  ['{"schema":"toolwatch.v1"', false],
  ['INFO schema = "toolwatch.v1"', false],
])('the pattern of the subscription judges %s as %s', (message, passes) => {
  expect(ours(message)).toBe(passes);
});

test('the empty pattern passes everything on', () => {
  expect(parseFilter('')('anything')).toBe(true);
});

test('a pattern the local run cannot read is refused, not taken for no filter', () => {
  expect(() => parseFilter('{ $.latency > 100 }')).toThrow('cannot read the filter pattern');
});
