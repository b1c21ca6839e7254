import { expect, test } from 'vitest';
import { parseFilter } from '../../../emulator/logs/filter-pattern.ts';

const matches = parseFilter('{ $.schema = "calls.v1" }');

test.each([
  ['{"schema":"calls.v1","name":"a"}', true],
  ['{"schema":"calls.v2"}', false],
  ['{"schema":1}', false],
  ['{"nested":{"schema":"calls.v1"}}', false],
  ['{"schema":"calls.v1"', false],
  ['INFO schema = "calls.v1"', false],
])('a comparison of a property with text, for the message %s, is %s', (message, expected) => {
  expect(matches(message)).toBe(expected);
});

test('the empty pattern matches every message', () => {
  expect(parseFilter('')('anything')).toBe(true);
});

test('a pattern that the emulator cannot read is refused, and does not match everything', () => {
  expect(() => parseFilter('{ $.latency > 100 }')).toThrow('cannot read the filter pattern');
});
