import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLimit, formatPart } from '../../../lambdas/contract/percent.ts';

test.each([
  [0, 50, '0 %'],
  [4, 10_000, '<0.1 %'],
  [1, 1_000_000, '<0.1 %'],
  [5, 10_000, '0.1 %'],
  [20, 50, '40 %'],
  [995, 1_000, '99.5 %'],
  [9_999_999, 10_000_000, '>99.9 %'],
  [50, 50, '100 %'],
  [0, 0, '–'],
])('%d of %d is %s', (part, whole, text) => {
  expect(formatPart(part, whole)).toBe(text);
});

test('only nothing reads as 0 %, only all reads as 100 %, and every other text is near the share', () => {
  const counts = fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)).filter(([part, rest]) => part + rest > 0);
  fc.assert(
    fc.property(counts, ([part, rest]) => {
      const text = formatPart(part, part + rest);
      expect(/^0(\.0)? %$/.test(text)).toBe(part === 0);
      expect(/^100(\.0)? %$/.test(text)).toBe(rest === 0);
      const shown = Number(text.replace(/[<> %]/g, ''));
      expect(Math.abs(shown - (100 * part) / (part + rest))).toBeLessThanOrEqual(0.5);
    }),
  );
});

test.each([
  [0.07, '7 %'],
  [0.1, '10 %'],
  [0.00004, '0.004 %'],
  [0.9999, '99.99 %'],
])('the limit %d is %s, exactly', (share, text) => {
  expect(formatLimit(share)).toBe(text);
});
