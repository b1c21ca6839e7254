import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from '../../../lambdas/contract/alarm-pattern.ts';
import { MUTE_KINDS, muteFields } from '../../../lambdas/contract/mutes.ts';
import { formatDescription, idOfRule, parseDescription, ruleNameOf } from '../../../lambdas/monitoring/mute-rules.ts';

const texts = fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' });

test('what a mute is about is read again from its description, whatever its words are', () => {
  const request = fc.record({
    kind: fc.constantFrom(...MUTE_KINDS),
    name: texts.filter((text) => muteFields.name.safeParse(text).success),
    actor: texts.filter((text) => text.trim() !== ''),
    reason: texts.filter((text) => muteFields.reason.safeParse(text).success),
  });
  fc.assert(
    fc.property(request, (given) => {
      const description = formatDescription(given);
      expect(description.length).toBeLessThanOrEqual(1_024);
      expect(description).not.toMatch(/\p{Cc}/u);
      expect(parseDescription(description)?.kind).toBe(given.kind);
    }),
    { numRuns: 300 },
  );
});

test('the rules of a mute are known by their names, and those of others are not', () => {
  expect(idOfRule('toolwatch', ruleNameOf('toolwatch', '0a1b2c3d', 12))).toBe('0a1b2c3d');
  for (const name of ['toolwatch-staging-mute-0a1b2c3d-0', 'mute-0a1b2c3d-0', 'toolwatch-mute-0a1b2c3d', 'by-hand'])
    expect(idOfRule('toolwatch', name), name).toBeUndefined();
});

test('a pattern matches names and nothing that it would mean as a regular expression', () => {
  expect(matchesPattern('tool/*/slow', 'tool/order_status/slow')).toBe(true);
  expect(matchesPattern('tool/*', 'tool/order_status/slow')).toBe(false);
  fc.assert(fc.property(texts, (name) => name.includes('*') || matchesPattern(name, name)));
  expect(matchesPattern('tool/(a+)+$', `tool/${'a'.repeat(40)}`)).toBe(false);
});
