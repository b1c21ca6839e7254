import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { formatTable } from '../../../bin/table.ts';
import { stateCell } from '../../../operate/terminal/cell.ts';
import { cutToWidth, measureWidth } from '../../../operate/terminal/display-width.ts';
import { formatAge } from '../../../operate/terminal/times.ts';

afterEach(() => vi.unstubAllEnvs());

test.each<[string, number]>([
  ['order', 5],
  ['訂單', 4],
  ['주문', 4],
  ['ｗｉｄｅ', 8],
  ['é', 1],
  ['e\u0301', 1],
  ['👍', 2],
  ['👩‍👩‍👧', 2],
  ['🇫🇷', 2],
  ['❤️', 2],
  ['…', 1],
])('%s takes %i columns of a terminal', (text, width) => {
  expect(measureWidth(text)).toBe(width);
});

const texts = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constantFrom('訂單', '👩‍👩‍👧', 'e\u0301'));

test('a cut text is never wider than its limit, and a whole one is not cut', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 30 }), (text, limit) => {
      const cut = cutToWidth(text, limit);
      expect(measureWidth(cut)).toBeLessThanOrEqual(limit);
      if (measureWidth(text) <= limit) expect(cut).toBe(text);
    }),
  );
});

test('columns are aligned whatever is in them, each row is a line, and nothing in it controls the terminal', () => {
  const cell = fc.oneof(texts, fc.string({ unit: 'binary', maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
      const lines = formatTable(rows.map(([one, other]) => [one, `|${other}`])).split('\n');
      expect(lines).toHaveLength(rows.length);
      const starts = lines.map((line, at) => {
        const second = formatTable([[`|${rows[at]?.[1] ?? ''}`]]);
        return measureWidth(line.slice(0, line.length - second.length));
      });
      expect(new Set(starts).size).toBe(1);
      expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 30 },
  );
});

test('words for states have colours on a terminal only, and not where somebody has switched them off', () => {
  const rows = [[stateCell('firing'), 'tool/a/slow']];
  const { stdout } = process;
  const { isTTY } = stdout;
  try {
    stdout.isTTY = true;
    expect(formatTable(rows)).toBe('\u001b[31mfiring\u001b[0m  tool/a/slow');
    vi.stubEnv('NO_COLOR', '1');
    expect(formatTable(rows)).toBe('firing  tool/a/slow');
    vi.unstubAllEnvs();
    stdout.isTTY = false;
    expect(formatTable(rows)).toBe('firing  tool/a/slow');
  } finally {
    stdout.isTTY = isTTY;
  }
});

test('an age is in the largest unit that fits', () => {
  const now = Date.UTC(2026, 10, 30);
  const ages = [0, 59, 60, 3_599, 7_300, 200_000].map((s) => formatAge(new Date(now - s * 1_000).toISOString(), now));
  expect(ages).toEqual(['0 s', '59 s', '1 min', '59 min', '2 h', '2 d']);
  expect(formatAge(null)).toBe('-');
});
