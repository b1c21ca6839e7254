import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { traceContextOf } from '../../../lambdas/observe/call/correlation.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { computeFingerprint, normalise } from '../../../lambdas/observe/failure/fingerprint.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import { unverifiedSubject } from '../../../lambdas/observe/line/caller-text.ts';
import { isSensitiveKey, redactText, redactValue } from '../../../lambdas/observe/privacy/redact.ts';
import { forgetBreakers } from '../../../lambdas/observe/retry/breaker.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { createCanaries } from '../../support/canaries.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
beforeEach(forgetBreakers);

/** A mark that occurs nowhere by chance, and what a stranger might make of it. */
const mark = fc.string({ unit: fc.constantFrom(...'bcdfghjkmnpqrvwxz'), minLength: 14, maxLength: 14 });
const secret = mark.chain((text) =>
  fc.record({ text: fc.constant(text), in: fc.constantFrom(...createCanaries(text)) }),
);
const around = fc.constantFrom(
  (held: string) => held,
  (held: string) => `could not call it with ${held} at all`,
  (held: string) => `first line\nthen ${held}; and more`,
);

const written: string[] = [];
const realWrite = process.stdout.write;
beforeAll(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'DEBUG';
  process.stdout.write = ((text: string | Uint8Array) => {
    written.push(String(text));
    return true;
  }) as typeof process.stdout.write;
});
afterAll(() => {
  process.stdout.write = realWrite;
});

const leaks = (text: string): string[] => [...lines.raw(), ...written].filter((line) => line.includes(text));

describe('no secret leaves', () => {
  test('from arguments, results, errors, headers or log entries', async () => {
    await fc.assert(
      fc.asyncProperty(secret, secret, around, fc.string(), async ({ text, in: shaped }, theirs, put, key) => {
        const held = put(shaped);
        const found = put(theirs.in);
        const call = {
          user_agent: held.slice(0, 256),
          client_name: held.slice(0, 256),
          session_id: held.slice(0, 256),
          user_id: held.slice(0, 256),
          ...traceContextOf({ 'x-request-id': held, 'x-correlation-id': held, traceparent: held, tracestate: held }),
        };
        const args = { city: text, note: { [key]: [held], [held]: 1, password: text } };
        const failing = [
          () => ({ degrees: 1, note: { deep: [found, { token: theirs.text }] } }),
          () => ({ degrees: found as unknown as number }),
          () => ({ isError: true as const, message: found }),
          () => {
            throw new Error(found, { cause: found });
          },
          () => {
            throw Object.assign(new Error(`no weather in ${text}`), { name: found });
          },
          () => {
            throw new ToolError('UPSTREAM_ERROR', found, { type: found });
          },
        ];
        for (const behaviour of failing) {
          const tool = defineTool(toolFacts({ capture: { input: ['note'], output: ['note'] } })).run(
            (_args, context) => {
              context.logger.info(held, { held, deep: { apiKey: text }, error: new Error(held) } as never);
              context.measure(shaped, 1, shaped);
              return behaviour();
            },
          );
          await tool(args, aContext(call as never));
          await tool({ city: 7, [text]: held }, aContext(call as never));
        }
        expect([...leaks(text), ...leaks(theirs.text)]).toEqual([]);
        written.length = 0;
      }),
      { numRuns: 60 },
    );
  });

  test('although an error quotes what came in, in whatever form it came', async () => {
    const tool = defineTool(toolFacts()).run(({ city }) => {
      throw new Error(`cannot find plain canary words in ${city}`);
    });
    await tool({ city: 'very private place' }, aContext());
    expect(lines.records()).toMatchObject([{ error_message: 'cannot find plain canary words in <input>' }]);
  });

  test('but the paths a tool allows, redacted', async () => {
    const facts = toolFacts({ capture: { input: ['note.kind', 'note.apiKey'], output: ['degrees'] } });
    await defineTool(facts).run(() => ({ degrees: 21 }))(
      { city: 'nowhere', note: { kind: 'plain', apiKey: 'k1', other: 'stays' } },
      aContext(),
    );
    expect(lines.records()[0]?.metadata).toMatchObject({
      input: { 'note.kind': 'plain', 'note.apiKey': '[redacted]' },
      output: { degrees: 21 },
    });
    expect(lines.raw()[0]).not.toMatch(/nowhere|stays/);
  });
});

test('secrets are found by their shape, and ordinary words are left alone', () => {
  for (const shaped of createCanaries('x7k2m9q4w8e3'))
    expect(redactText(`with ${shaped} inside`)).not.toContain('x7k2m9q4w8e3');
  expect(redactText('card 4111 1111 1111 1111 declined')).toBe('card [redacted] declined');
  expect(redactText('order 4111 1111 1111 1112 is no card')).toBe('order 4111 1111 1111 1112 is no card');
  for (const plain of [
    'claude-desktop/1.24.0 (darwin; arm64)',
    'The basic plan has no tokens left',
    'tokenizer.json',
  ]) {
    expect(redactText(plain)).toBe(plain);
  }
});

test('sensitive keys are known in every spelling, and their neighbours are not', () => {
  const sensitive = [
    'password',
    'apiKey',
    'x-api-key',
    'ACCESS_KEY',
    'clientSecret',
    'refreshToken',
    'Set-Cookie',
    'DATABASE_URL',
  ];
  const harmless = ['city', 'author', 'secretary', 'passenger', 'keyboard', 'tokenizer', 'optimum', 'cardinal'];
  expect(sensitive.filter((key) => !isSensitiveKey(key))).toEqual([]);
  expect(harmless.filter(isSensitiveKey)).toEqual([]);
});

test('a redacted value is bounded and finite, whatever it was', () => {
  const cycle: Record<string, unknown> = { list: Array.from({ length: 500 }, () => 1), when: new Date(0), big: 1n };
  cycle.self = cycle;
  const text = JSON.stringify(redactValue(cycle));
  expect(text.length).toBeLessThan(10_000);
  expect(text).toContain('1970-01-01');
});

test('the same error has one fingerprint, another error another', () => {
  const print = (message: string) => computeFingerprint('t', 'INTERNAL_ERROR', 'Error', normalise(message, 1_024));
  const same = [
    'order 17 of user "anna" not found in /var/task/orders/17.json',
    'order 4711 of user "bob" not found in /var/task/orders/4711.json',
  ];
  expect(new Set(same.map(print)).size).toBe(1);
  expect(normalise(same[0] ?? '', 1_024)).toBe('order <n> of user <value> not found in <path>');
  expect(print('order 17 was cancelled')).not.toBe(print(same[0] ?? ''));
  expect(print('x')).toMatch(/^v1:[\da-f]{16}$/);
  expect(normalise('GET https://api.shop.test/v1/orders/17?x=1 failed after 2.5 s for A-1042', 1_024)).toBe(
    'GET https://api.shop.test/<path> failed after <n> s for <id>',
  );
});

test('a token that is only decoded is a label', () => {
  const claims = Buffer.from(JSON.stringify({ sub: 'user-7' })).toString('base64url');
  expect(unverifiedSubject(`Bearer e30.${claims}.sig`)).toBe('user-7');
  expect([unverifiedSubject('nonsense'), unverifiedSubject('a.b.c'), unverifiedSubject('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('arguments are checked as sent: an unknown key never reaches the line', async () => {
  const strict = { ...toolFacts(), input: z.strictObject({ city: z.string() }) };
  await defineTool(strict).run(() => ({ degrees: 1 }))({ city: 'x', canaryKey: 1 }, aContext());
  expect(lines.raw()[0]).not.toContain('canaryKey');
});
