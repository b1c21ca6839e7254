import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from '../../../lambdas/contract/alarm-pattern.ts';
import { MUTE_KINDS, muteFields } from '../../../lambdas/contract/mutes.ts';
import { formatDescription, idOfRule, parseDescription, ruleNameOf } from '../../../lambdas/monitoring/mute-rules.ts';
import { createMuteHandlers } from '../../../lambdas/operate/mutes.ts';

/** CloudWatch with one alarm, which remembers when a mute begins. */
const cloudWatchWith = (begins: string[]): CloudWatchClient =>
  Object.assign(new CloudWatchClient({ region: 'eu-central-1' }), {
    send: async ({ input }: { input: { Rule?: { Schedule?: { Expression?: string } } } }) => {
      const begin = input.Rule?.Schedule?.Expression;
      if (begin !== undefined) begins.push(begin);
      const alarm = { AlarmName: 'tool/shop/slow', AlarmDescription: 'Slow.\nSeverity: warning. Owner: x.' };
      return { MetricAlarms: [{ ...alarm, AlarmActions: ['arn'] }] };
    },
  });

test('a mute begins after it has reached CloudWatch, also when it is made at the end of a minute', async () => {
  const begins: string[] = [];
  const cloudwatch = cloudWatchWith(begins);
  for (const second of [1, 55, 59]) {
    const now = () => Date.UTC(2026, 10, 24, 10, 0, second);
    const handlers = createMuteHandlers({ cloudwatch, deployment: 'toolwatch', alarmPrefix: '', now });
    const body = { kind: 'tool' as const, name: 'shop', minutes: 60, reason: 'a test' };
    const actor = { actor: 'ann', actor_kind: 'iam' as const };
    const made = await handlers['POST /v1/mutes'].perform({ query: {}, body, parameters: {}, actor });
    expect(made.alarms).toEqual(['tool/shop/slow']);
  }
  expect(begins).toEqual(['at(2026-11-24T10:01)', 'at(2026-11-24T10:01)', 'at(2026-11-24T10:02)']);
});

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

test('a pattern matches what it would as a regular expression, and one of many stars is read as well', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/', '.'), maxLength: 12 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 });
  const asRegex = (pattern: string) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
  fc.assert(
    fc.property(part, name, (pattern, text) => matchesPattern(pattern, text) === asRegex(pattern).test(text)),
    { numRuns: 3_000 },
  );
  expect(matchesPattern(`${'*a'.repeat(120)}b`, 'a'.repeat(255))).toBe(false);
});
