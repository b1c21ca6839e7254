import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import type { Behaviour } from '../../../lambdas/observe/tool/behaviour.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { listen } from '../../support/http-server.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const { input, output } = toolFacts();
type Weather = Behaviour<typeof input, typeof output, never, 'WEATHER_KEY'>;
/** A tool of its own in each test: the values of secrets are fetched once for each list of names. */
const weatherTool = (behaviour: Weather, facts: Parameters<typeof toolFacts>[0] = {}) =>
  defineTool({ ...toolFacts(facts), secrets: ['WEATHER_KEY'] as ['WEATHER_KEY'] }).run(behaviour);
const call = (tool: ReturnType<typeof weatherTool>, city = 'Rome') => tool({ city }, aContext());

beforeEach(() => {
  vi.stubEnv('WEATHER_KEY', 'first-value-of-the-key');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test('a tool receives the values of the secrets that its facts name', async () => {
  const seen: string[] = [];
  const tool = weatherTool((_, { secrets }) => {
    seen.push(secrets.WEATHER_KEY);
    return { degrees: 20 };
  });
  await call(tool);
  expect(seen).toEqual(['first-value-of-the-key']);
  expect(lines.records()).toMatchObject([{ success: true }]);
});

test.each([
  ['is not set', undefined, /^The secret WEATHER_KEY has no value\. Set the environment variable WEATHER_KEY\.$/],
  ['is empty', '', /has no value/],
  ['was created and not given a value', 'not set', /has no value/],
  ['is too short to be found in texts', 'abc', /is too short: it must have six characters or more/],
])('a secret that %s is our own failure, of which the caller reads nothing', async (_, value, message) => {
  vi.stubEnv('WEATHER_KEY', value);
  const reply = await call(weatherTool(() => ({ degrees: 20 })));
  expect(reply).toMatchObject({ isError: true, code: 'INTERNAL_ERROR', fault: 'ours' });
  expect(JSON.stringify(reply)).not.toContain('WEATHER_KEY');
  expect(lines.records()).toMatchObject([
    { success: false, fault: 'ours', error_message: expect.stringMatching(message) },
  ]);
});

test('a secret without a value is looked for again by the next call', async () => {
  vi.stubEnv('WEATHER_KEY', undefined);
  const tool = weatherTool(() => ({ degrees: 20 }));
  await call(tool);
  vi.stubEnv('WEATHER_KEY', 'set-in-the-meantime');
  await call(tool);
  expect(lines.records()).toMatchObject([{ success: false, error_type: 'missing_secret' }, { success: true }]);
});

describe('a service that refuses the secret', () => {
  const serve = async () => {
    const accepted = { key: 'first-value-of-the-key', requests: 0 };
    const server = await listen((request, response) => {
      accepted.requests += 1;
      response.writeHead(request.headers['x-key'] === accepted.key ? 200 : 401).end();
    });
    return { accepted, ...server };
  };
  const askingTool = (url: string, facts: Parameters<typeof toolFacts>[0] = {}) =>
    weatherTool(async (_, { fetch, secrets }) => {
      await fetch(url, { headers: { 'x-key': secrets.WEATHER_KEY } });
      return { degrees: 20 };
    }, facts);
  const rotate = (accepted: { key: string }) => {
    accepted.key = 'second-value-of-the-key';
    vi.stubEnv('WEATHER_KEY', accepted.key);
    vi.setSystemTime(Date.now() + 61_000);
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  test('is asked again with the value after a rotation, within the same call', async () => {
    const { accepted, url, close } = await serve();
    const tool = askingTool(url);
    await call(tool);
    rotate(accepted);
    await call(tool);
    expect(lines.records()).toMatchObject([{ success: true }, { success: true, attempts: 2 }]);
    await close();
  });

  test('is not asked again by a tool that writes, but the next call has the new value', async () => {
    const { accepted, url, close } = await serve();
    const tool = askingTool(url, { readOnly: false });
    await call(tool);
    rotate(accepted);
    await call(tool);
    await call(tool);
    expect(lines.records()).toMatchObject([{ success: true }, { success: false, attempts: 1 }, { success: true }]);
    await close();
  });

  test('is not asked twice for a key that is wrong for good', async () => {
    const { accepted, url, close } = await serve();
    accepted.key = 'another';
    const tool = askingTool(url);
    for (let count = 0; count < 5; count += 1) await call(tool);
    expect(accepted.requests).toBe(5);
    expect(lines.records()).toHaveLength(5);
    expect(lines.records().every(({ error_code, fault }) => error_code === 'UNAUTHORIZED' && fault === 'ours')).toBe(
      true,
    );
    await close();
  });
});

test('a result that contains a secret is withheld', async () => {
  const tool = weatherTool((_, { secrets }) => ({ degrees: 20, note: { header: `Key ${secrets.WEATHER_KEY}` } }));
  const reply = await call(tool);
  expect(JSON.stringify(reply)).not.toContain('first-value');
  expect(lines.records()).toMatchObject([{ success: false, error_type: 'secret_in_result', fault: 'ours' }]);
});

/** The ways in which a text may contain a secret. */
const WRITINGS: Record<string, (value: string) => string> = {
  plain: (value) => value,
  'in a sentence': (value) => `refused ${value} today`,
  'percent-encoded': (value) => `https://weather.example/?k=1&x${encodeURIComponent(value)}`,
  'as JSON in JSON': (value) => JSON.stringify(JSON.stringify({ a: value })),
  'as Base64': (value) => Buffer.from(value).toString('base64'),
  'as Base64 behind a user name': (value) => Buffer.from(`user:${value}`).toString('base64'),
  'as Base64 for URLs': (value) => Buffer.from(`u:${value}`).toString('base64url'),
};

/** Where a tool may write one. */
const PLACES: Record<string, (...written: [text: string, context: Parameters<Weather>[1]]) => void> = {
  'an error': (text) => {
    throw new Error(text);
  },
  "an error's name": (text) => {
    throw Object.assign(new Error('refused'), { name: text });
  },
  'a message to the caller': (text) => {
    throw new ToolError('INVALID_INPUT', text);
  },
  metadata: (text, { annotate }) => annotate({ url: text }),
  labels: (text, { label }) => label({ domain: text, provider: text }),
  'the name of a measure': (text, { measure }) => measure(text, 1),
  'the key of a rate limit': (text, { rateLimit }) => rateLimit({ key: text, keyType: 'api_key', count: 1, max: 2 }),
  'the name of a dependency': (text, { dependency }) => void dependency(text, async () => {}),
};

describe.each(Object.entries(PLACES))('a secret that a tool writes into %s', (_, write) => {
  test.each(Object.entries(WRITINGS))('%s is in no line and no reply', async (_writing, form) => {
    const secret = fc.stringMatching(/^[\w+/=.~-]{8,60}$/).filter((value) => !/^(.)\1+$/.test(value));
    await fc.assert(
      fc.asyncProperty(secret, async (value) => {
        lines.clear();
        vi.stubEnv('WEATHER_KEY', value);
        const tool = weatherTool((_args, context) => {
          write(form(context.secrets.WEATHER_KEY), context);
          return { degrees: 20 };
        });
        const written = JSON.stringify([await call(tool), lines.raw()]);
        expect(lines.records()).toHaveLength(1);
        for (const one of [value, form(value), encodeURIComponent(value)]) expect(written).not.toContain(one);
      }),
      { numRuns: 20 },
    );
  });
});
