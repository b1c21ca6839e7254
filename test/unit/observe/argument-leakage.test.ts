import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { removeLeakedArguments } from '../../../lambdas/observe/privacy/argument-leakage.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const NOTHING_DECLARED = new Set<string>();

/** What code does to an argument before it stands in a message. */
const transform = fc.constantFrom<[name: string, apply: (text: string) => string]>(
  ['as it is', (text) => text],
  ['upper case', (text) => text.toUpperCase()],
  ['trimmed', (text) => text.trim()],
  ['its first ten characters', (text) => text.slice(0, 10)],
  ['ten characters of its middle', (text) => text.slice(4, 14)],
  ['percent-encoded', encodeURIComponent],
  ['twice percent-encoded', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['as a form', (text) => new URLSearchParams({ q: text }).toString()],
  ['as JSON', (text) => JSON.stringify(text)],
  ['as JSON in JSON', (text) => JSON.stringify({ body: JSON.stringify({ text }) })],
  ['on one line', (text) => text.replace(/\s/g, ' ')],
);
const letters = fc.string({ unit: fc.constantFrom(...'bdfghkmpqvwxz'), minLength: 12, maxLength: 20 });
const awkward = fc.string({ unit: fc.constantFrom(...'"\\\n\t &%é€😀<>'), maxLength: 4 });

test('an argument is not written, whatever was done to it', async () => {
  await fc.assert(
    fc.asyncProperty(letters, letters, awkward, transform, async (left, right, between, [, apply]) => {
      const argument = ` ${left}${between}${right} `;
      const tool = defineTool(toolFacts()).run(() => {
        throw new Error(`cannot use ${apply(argument)} here`);
      });
      await tool({ city: argument }, aContext());
      const line = lines.raw().at(-1)?.toLowerCase() ?? '';
      for (const part of [left, right]) {
        for (let start = 0; start + 8 <= part.length; start += 1)
          expect(line).not.toContain(part.slice(start, start + 8));
      }
    }),
  );
});

test('the words of the tool itself stay', () => {
  expect(removeLeakedArguments('no stock of a red lamp in Berlin', { city: 'Berlin' }, NOTHING_DECLARED)).toBe(
    'no stock of a red lamp in <input>',
  );
});

test('a message whose lines look like frames does not get into the stack', async () => {
  const secret = 'zebramoonquilt';
  const tool = defineTool(toolFacts()).run(({ city }) => {
    throw new Error(`refused\n    at ${city} (/srv/${city}.js:1:2)\n    at other (/srv/other.js:3:4)`);
  });
  await tool({ city: secret }, aContext());
  const changed = defineTool(toolFacts()).run(({ city }) => {
    const error = new Error(`refused\n    at ${city} (/srv/${city}.js:1:2)`);
    error.message = 'another message';
    throw error;
  });
  await changed({ city: secret }, aContext());
  expect(lines.raw().join('\n')).not.toContain(secret);
  const [first, second] = lines.records();
  expect(JSON.stringify(first?.metadata)).not.toContain('other.js');
  expect(second?.metadata).toMatchObject({ stack: expect.arrayContaining([expect.stringMatching(/^at /)]) });
});

test('arguments that cost too much to search for withhold the message, and what is searched is not changed', () => {
  const numbers = { list: Array.from({ length: 60_000 }, (_, index) => index) };
  expect(removeLeakedArguments('any message', numbers, NOTHING_DECLARED)).toMatch(/withheld/);
  const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`key${index}`, index]));
  expect(removeLeakedArguments('any message', many, NOTHING_DECLARED)).toMatch(/withheld/);
  const cycle: Record<string, unknown> = { text: 'a long text that is quoted' };
  cycle.self = Object.freeze([cycle.text]);
  expect(removeLeakedArguments('it was "a long text that is quoted"', cycle, NOTHING_DECLARED)).toBe(
    'it was "<input>"',
  );
});

test('four megabytes of the same characters as the message are one argument', () => {
  const text = 'eyJ'.repeat(2_730);
  const args = { junk: Array.from({ length: 480 }, () => text) };
  expect(removeLeakedArguments(`cannot read ${text}`, args, NOTHING_DECLARED)).toMatch(/^cannot read \[redacted\]/);
});
