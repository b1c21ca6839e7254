import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { traceContextOf } from '../../../lambdas/observe/call/correlation.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { computeFingerprint, normalise } from '../../../lambdas/observe/failure/fingerprint.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import {
  counter,
  createRequestLogger,
  flushMetrics,
  gauge,
  getLogger,
  histogram,
  observe,
  observeHandler,
  observeTool,
  record,
  recordHttpRequest,
  recordKpi,
  registerHealthCheck,
  runHealthChecks,
  trackWebhookDelivery,
} from '../../../lambdas/observe/index.ts';
import { redactText, redactValue } from '../../../lambdas/observe/privacy/redact.ts';
import { isSensitiveKey } from '../../../lambdas/observe/privacy/sensitive-keys.ts';
import { resetBreakers } from '../../../lambdas/observe/retry/breaker.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { createCanaries } from '../../support/canaries.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
beforeEach(resetBreakers);

/** A mark that never occurs by coincidence, and a secret that contains it. */
const mark = fc.string({ unit: fc.constantFrom(...'bcdfghjkmnpqrvwxz'), minLength: 14, maxLength: 14 });
const secret = mark.chain((text) =>
  fc.record({ mark: fc.constant(text), secret: fc.constantFrom(...createCanaries(text)) }),
);
const surroundWithText = fc.constantFrom(
  (text: string) => text,
  (text: string) => `could not call it with ${text} at all`,
  (text: string) => `first line\nthen ${text}; and more`,
);

const written: string[] = [];
/** Powertools writes warnings and errors to stderr. */
const streams = [process.stdout, process.stderr];
const realWrites = streams.map((stream) => stream.write);
beforeAll(() => {
  process.env.POWERTOOLS_LOG_LEVEL = 'DEBUG';
  for (const stream of streams) {
    stream.write = ((text: string | Uint8Array) => {
      written.push(String(text));
      return true;
    }) as typeof stream.write;
  }
});
afterAll(() => {
  streams.forEach((stream, index) => {
    stream.write = realWrites[index] as typeof stream.write;
  });
});

const findLeaks = (text: string): string[] => [...lines.raw(), ...written].filter((line) => line.includes(text));

describe('no secret is written', () => {
  test('from arguments, results, errors, headers or log entries', async () => {
    await fc.assert(
      fc.asyncProperty(secret, secret, surroundWithText, fc.string(), async (sent, produced, surround, key) => {
        const sentText = surround(sent.secret);
        const producedText = surround(produced.secret);
        const call = {
          user_agent: sentText.slice(0, 256),
          client_name: sentText.slice(0, 256),
          session_id: sentText.slice(0, 256),
          user_id: sentText.slice(0, 256),
          ...traceContextOf({
            'x-request-id': sentText,
            'x-correlation-id': sentText,
            traceparent: sentText,
            tracestate: sentText,
          }),
        };
        const args = { city: sent.mark, note: { [key]: [sentText], [sentText]: 1, password: sent.mark } };
        const behaviours = [
          () => ({ degrees: 1, note: { deep: [producedText, { token: produced.mark }] } }),
          () => ({ degrees: producedText as unknown as number }),
          () => ({ isError: true as const, message: producedText }),
          () => {
            throw new Error(producedText, { cause: producedText });
          },
          () => {
            throw Object.assign(new Error(`no weather in ${sent.mark}`), { name: producedText });
          },
          () => {
            throw new ToolError('UPSTREAM_ERROR', producedText, { type: producedText });
          },
        ];
        for (const behaviour of behaviours) {
          const tool = defineTool(toolFacts({ capture: { input: ['note'], output: ['note'] } })).run(
            (_args, context) => {
              const keys = { sentText, deep: { apiKey: sent.mark }, error: new Error(sentText) };
              context.logger.info(sentText, keys as never);
              context.measure(sent.secret, 1, sent.secret);
              return behaviour();
            },
          );
          await tool(args, aContext(call as never));
          await tool({ city: 7, [sent.mark]: sentText }, aContext(call as never));
        }
        expect([...findLeaks(sent.mark), ...findLeaks(produced.mark)]).toEqual([]);
        written.length = 0;
      }),
      { numRuns: 60 },
    );
  });

  test('from labels, metadata, records of other programs, series, logger names or routes', async () => {
    await fc.assert(
      fc.asyncProperty(secret, surroundWithText, async ({ mark: hidden, secret: canary }, surround) => {
        const text = surround(canary);
        const details = {
          domain: text,
          provider: text,
          gpt_name: text,
          user_id: text,
          error_message: text,
          error_type: text,
          metadata: {
            url: `https://a.example.com/hook?token=${canary}`,
            rule_name: text,
            rate_limit_key: text,
            note: text,
          },
          metadata_keys: ['note'],
          measures: { [text]: 1 },
        };
        record({ kind: 'job', name: 'canary', success: false, duration_ms: 1, ...details });
        record({ kind: 'job', name: text, success: true, duration_ms: 1 });
        trackWebhookDelivery(`https://hooks.example.com/${canary}`, 'sent', 1);
        trackWebhookDelivery('wh_1', 'failed', 1, text, details);
        recordHttpRequest('GET', `/orders/${encodeURIComponent(canary)}?q=${canary}`, 404, 0.1);
        counter('canaries_total', { by: text }).add();
        gauge('canaries', { by: text }).set(1);
        recordKpi(text, 1, text);
        flushMetrics();
        getLogger('canary').info(text, { note: text });
        await observe('job', 'canary', ({ label, annotate, rateLimit }) => {
          label({ domain: text, provider: text, userId: text, sourceGpt: text });
          annotate({ rule_type: text });
          rateLimit({ key: text, keyType: 'api_key', count: 1, max: 2 });
        });
        expect(findLeaks(hidden)).toEqual([]);
        written.length = 0;
      }),
      { numRuns: 60 },
    );
  });

  test('from keys, children, causes and figures of loggers, or inputs and outputs of wrapped functions', async () => {
    await fc.assert(
      fc.asyncProperty(secret, surroundWithText, async ({ mark: hidden, secret: canary }, surround) => {
        const text = surround(canary);
        const error = Object.assign(new Error(text, { cause: new Error(text) }), { code: text, name: text });
        const entry = { [text]: { [text]: [text] }, password: hidden, error };
        const log = getLogger(text).child({ [text]: text, deep: { api_key: hidden } });
        for (const level of ['debug', 'info', 'warn', 'error', 'critical'] as const) log[level](text, error, entry);
        log.metric(text, 1, text);
        createRequestLogger({ requestId: text, method: text, path: `/orders/${canary}?q=${canary}`, ...entry }).warn(
          text,
        );
        const options = { logInputs: true, logOutputs: true };
        await observeTool('wrapped', (given) => ({ given, [text]: given }), options)({ [text]: text, token: hidden });
        await observe('job', 'logs', ({ logger, label }) => {
          logger.appendKeys({ [text]: text });
          label({ userId: text, correlationId: text, sourceGpt: text });
          const child = logger.createChild({ persistentKeys: { [text]: text } });
          child.error(text, error);
          child.metric(text, 1, text);
        });
        flushMetrics();
        expect(written.length).toBeGreaterThan(8);
        expect(findLeaks(hidden)).toEqual([]);
        written.length = 0;
      }),
      { numRuns: 40 },
    );
  });

  test('from what is refused: its sentence repeats nothing', async () => {
    await fc.assert(
      fc.asyncProperty(secret, surroundWithText, async ({ mark: hidden, secret: canary }, surround) => {
        const text = surround(canary);
        counter(text).add();
        counter('refused_total', { [text]: text }).add();
        gauge('refused', { by: text }).set(Number.NaN);
        histogram(text, { by: text }, [2, 1]).observe(1);
        record({ kind: text as never, name: text, success: false, duration_ms: Number.NaN });
        record({
          kind: 'job',
          name: 'odd',
          success: true,
          duration_ms: -1,
          started_at: text,
          metadata: { [text]: text },
        });
        registerHealthCheck(text, () => true);
        await observe('job', 'refusing', ({ annotate, measure, rateLimit }) => {
          annotate({ [text]: text, note: text, customer_config_id: text, rate_limit_key_type: text as never });
          measure(text, Number.NaN);
          rateLimit({ key: text, keyType: text as never, count: -1, max: 0 });
        });
        expect(findLeaks(hidden)).toEqual([]);
        written.length = 0;
      }),
      { numRuns: 40 },
    );
  });

  test('from requests that are handled, or from what a health check says or throws', async () => {
    await fc.assert(
      fc.asyncProperty(secret, surroundWithText, async ({ mark: hidden, secret: canary }, surround) => {
        const text = surround(canary);
        const headers = { 'user-agent': text, 'x-request-id': text, 'x-toolwatch-debug': text, authorization: text };
        const event = { httpMethod: text, path: `/orders/${canary}`, headers, body: text, requestContext: {} };
        await observeHandler(
          async (_event: object, _context: object, { logger, request, annotate }) => {
            logger.warn('request', { request } as never);
            annotate({ url: `https://${canary}@a.example.com/${canary}` });
            throw new Error(text);
          },
          { metadataKeys: ['note'], metadata: { note: text }, domain: text, recordIp: true },
        )(event, {}).catch(() => undefined);
        const options = { type: text, domain: text, cacheMs: 0 };
        registerHealthCheck('says', () => ({ status: 'unhealthy', message: text }), options);
        registerHealthCheck('throws', () => Promise.reject(Object.assign(new Error(text), { code: text })), options);
        const report = JSON.stringify(await runHealthChecks());
        expect([report, ...findLeaks(hidden)].filter((found) => found.includes(hidden))).toEqual([]);
        written.length = 0;
      }),
      { numRuns: 40 },
    );
  });

  test('when an error quotes an argument', async () => {
    const tool = defineTool(toolFacts()).run(({ city }) => {
      throw new Error(`cannot find plain canary words in ${city}`);
    });
    await tool({ city: 'very private place' }, aContext());
    expect(lines.records()).toMatchObject([{ error_message: 'cannot find plain canary words in <input>' }]);
  });

  test('except at the paths that a tool allows, and redacted there', async () => {
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

test('secrets are recognised by their format', () => {
  for (const canary of createCanaries('x7k2m9q4w8e3'))
    expect(redactText(`with ${canary} inside`)).not.toContain('x7k2m9q4w8e3');
});

test('sensitive keys are recognised in every spelling, and similar words are not', () => {
  const sensitive = [
    'password',
    'apiKey',
    'x-api-key',
    'ACCESS_KEY',
    'clientSecret',
    'refreshToken',
    'Set-Cookie',
    'DATABASE_URL',
    'PGPASSWORD',
    'accesstoken',
    'sessionId',
    'consumer_key',
    'X-Amz-Signature',
    'pass',
    'auth',
  ];
  const harmless = [
    ...['city', 'author', 'secretary', 'passenger', 'keyboard', 'tokenizer', 'optimum', 'cardinal', 'compass', 'key'],
    ...['auth_method', 'max_tokens', 'token_count', 'secretArn', 'passport', 'design', 'sessions_open', 'pinned'],
  ];
  expect(sensitive.filter((key) => !isSensitiveKey(key))).toEqual([]);
  expect(harmless.filter(isSensitiveKey)).toEqual([]);
});

test('a redacted value is bounded and finite, whatever its input', () => {
  const cycle: Record<string, unknown> = { list: Array.from({ length: 500 }, () => 1), when: new Date(0), big: 1n };
  cycle.self = cycle;
  const text = JSON.stringify(redactValue(cycle));
  expect(text.length).toBeLessThan(10_000);
  expect(text).toContain('1970-01-01');
});

test('occurrences of the same error have one fingerprint, and another error has another', () => {
  const fingerprintOf = (message: string) =>
    computeFingerprint('t', 'INTERNAL_ERROR', 'Error', normalise(message, 1_024));
  const same = [
    'order 17 of user "anna" not found in /var/task/orders/17.json',
    'order 4711 of user "bob" not found in /var/task/orders/4711.json',
  ];
  expect(new Set(same.map(fingerprintOf)).size).toBe(1);
  expect(normalise(same[0] ?? '', 1_024)).toBe('order <n> of user <value> not found in <path>');
  expect(fingerprintOf('order 17 was cancelled')).not.toBe(fingerprintOf(same[0] ?? ''));
  expect(fingerprintOf('x')).toMatch(/^v3:[\da-f]{16}$/);
  expect(normalise('GET https://api.shop.test/v1/orders/17?x=1 failed after 2.5 s for A-1042', 1_024)).toBe(
    'GET https://api.shop.test/<path> failed after <n> s for <id>',
  );
});

test('the status of an answer stays in the message and tells errors apart, other numbers do not', () => {
  const messages = ['shop answered 503', 'HTTP/1.1 404 Not Found', 'Request failed with status code 429', 'status=500'];
  for (const message of messages) expect(normalise(message, 1_024)).toContain(/[1-5]\d\d/.exec(message)?.[0]);
  expect(normalise('order 503 of 200 took 300 ms, status code 5031', 1_024)).toBe(
    'order <n> of <n> took <n> ms, status code <n>',
  );
});

test('an unknown argument key never appears on the line', async () => {
  const strict = { ...toolFacts(), input: z.strictObject({ city: z.string() }) };
  await defineTool(strict).run(() => ({ degrees: 1 }))({ city: 'x', canaryKey: 1 }, aContext());
  expect(lines.raw()[0]).not.toContain('canaryKey');
});
