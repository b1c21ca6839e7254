import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toLine } from '../../../lambdas/contract/clean-line.ts';
import {
  countBytes,
  countCodePoints,
  countUnits,
  cutLine,
  escapeHtml,
  escapeMarkdown,
  escapeToFit,
  withoutLinks,
} from '../../../lambdas/deliver/channels/clean-text.ts';

const visible = (text: string): string => text.replaceAll('\u200b', '');

describe('a line', () => {
  test.each([
    ['a\r\nb\tc\u2028d\u0085e\u00a0f', 'a b c d e f'],
    ['  a  ', 'a'],
    ['a\0b\u001b[31mc', 'a b [31mc'],
    ['\u202egnp.exe\u2066\u200f\u061c', 'gnp.exe'],
    ['a\u200bb\u2060c\ufeffd\u00ade', 'abcde'],
    ['\u{e0041}\u{e007f}x', 'x'],
    ['a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['👩‍👩‍👧‍👦 ❤️', '👩‍👩‍👧‍👦 ❤️'],
    ['مرحبا שלום', 'مرحبا שלום'],
  ])('%j is %j', (text, line) => {
    expect(toLine(text)).toBe(line);
  });

  test('of anything is one line, and stays what it is when it is cleaned again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = toLine(text);
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\p{Bidi_Control}]/u);
        expect(toLine(line)).toBe(line);
      }),
    );
  });
});

describe('addresses in a line', () => {
  test.each([
    'https://evil.example/x',
    'evil.example',
    'x.y.z',
    'a@b',
    '@everyone',
    '\uff20here',
    'evil\u3002example',
    '💩.la',
    'evil.💩',
  ])('%s is broken, and looks the same', (text) => {
    expect(withoutLinks(text)).not.toBe(text);
    expect(visible(withoutLinks(text))).toBe(text);
  });

  test.each(['34.5 %', 'version v1.8.0', 'at 10:02 UTC', 'place_order fails.', 'a: b', '10.0.0.1', 'and so on ...'])(
    '%s has none, and stays as it is',
    (text) => {
      expect(withoutLinks(text)).toBe(text);
    },
  );
});

describe('an escaped text', () => {
  test.each([
    ['place_order', 'place_order'],
    ['_a_ __b__', '\\_a\\_ \\_\\_b\\_\\_'],
    ['# a', '\\# a'],
    ['12. a', '12\\. a'],
    ['- a - b', '\\- a - b'],
    ['[a](b)', '\\[a\\](b)'],
    ['\\*', '\\\\\\*'],
  ])('%s in Markdown is %s', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  test('in HTML has no element and no entity of its own', () => {
    expect(escapeHtml('<b>&amp;"</b>')).toBe('&lt;b&gt;&amp;amp;&quot;&lt;/b&gt;');
  });

  test('fits, is not cut within an escape, and shows the beginning', () => {
    const counts = fc.constantFrom(countBytes, countCodePoints, countUnits);
    const writes = fc.constantFrom(escapeMarkdown, escapeHtml, withoutLinks);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 20, max: 80 }),
        counts,
        writes,
        (text, limit, count, write) => {
          const line = toLine(text);
          const fitted = escapeToFit(line, { limit, count, write });
          expect(count(fitted)).toBeLessThanOrEqual(limit);
          if (count(write(line)) <= limit) expect(fitted).toBe(write(line));
          else {
            const cuts = Array.from({ length: [...line].length }, (_, end) => [...line].slice(0, end).join(''));
            expect(cuts.some((cut) => write(`${cut.trimEnd()}…`) === fitted)).toBe(true);
          }
        },
      ),
    );
  });

  test('is never cut within a character', () => {
    expect(cutLine('🔴'.repeat(10), 6)).toBe('🔴🔴…');
    expect(cutLine('short', 6)).toBe('short');
    expect(cutLine('a b c d', 4)).toBe('a b…');
  });
});
