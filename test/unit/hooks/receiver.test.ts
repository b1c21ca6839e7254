import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ReceivedHook } from '../../../lambdas/contract/env/hooks.ts';
import { readArguments } from '../../../lambdas/contract/jobs/arguments.ts';
import { HOOK_SCHEMES, type HookScheme } from '../../../lambdas/contract/jobs/hook-schemes.ts';
import { type AcceptedJob, acceptedJob } from '../../../lambdas/contract/jobs/job.ts';
import { problem } from '../../../lambdas/contract/problem.ts';
import { type HookEvent, Receiver } from '../../../lambdas/hooks/receiver.ts';
import { SendersSecrets } from '../../../lambdas/hooks/senders-secrets.ts';
import { PROOF, type Sending, secretOf, sendAs } from '../../support/hook-senders.ts';

const NOW = 1_795_200_000_000;
const HOST = 'api.example.com';
const JSON_TYPE = 'application/json; charset=utf-8';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const hookOf = (scheme: HookScheme, given: Partial<ReceivedHook> = {}): ReceivedHook => ({
  source: scheme,
  scheme,
  tool: 'take_event',
  secret: `HOOK_${scheme}`,
  maxBytes: 1_000,
  toleranceSeconds: 300,
  ...given,
});

/** A receiver with what it did. Every secret is that of its scheme until a test changes it. */
const aReceiver = (given: Partial<ReceivedHook> = {}) => {
  const state = {
    now: NOW,
    jobs: [] as AcceptedJob[],
    verified: [] as [string, boolean][],
    failed: 0,
    fetches: 0,
    renewals: 0,
    queueFails: false,
    secrets: {} as Record<string, string | Error>,
    logged: [] as unknown[],
  };
  const cached = new Map<string, string>();
  const currentOf = (name: string): string => {
    const value = state.secrets[name] ?? secretOf(name.slice('HOOK_'.length) as HookScheme);
    if (value instanceof Error) throw value;
    return value;
  };
  const store = {
    load: async ([name = '']: readonly string[]) => {
      state.fetches += 1;
      const value = cached.get(name) ?? currentOf(name);
      cached.set(name, value);
      return { [name]: value };
    },
    renew: async ([name = '']: readonly string[]) => {
      state.renewals += 1;
      const before = cached.get(name);
      cached.set(name, currentOf(name));
      return before !== cached.get(name);
    },
  };
  const log = (...entry: unknown[]) => void state.logged.push(entry);
  const receiver = new Receiver({
    hooks: HOOK_SCHEMES.map((scheme) => hookOf(scheme, given)),
    attempts: 8,
    secrets: new SendersSecrets(() => state.now, store),
    send: async (job) => {
      if (state.queueFails) throw new Error('The queue is away');
      state.jobs.push(job);
    },
    now: () => state.now,
    onVerified: (...verified) => void state.verified.push(verified),
    onFailed: () => {
      state.failed += 1;
    },
    logger: { info: log, error: log },
  });
  return { receiver, state };
};

const eventOf = ({ url, headers, body }: ReturnType<typeof sendAs>, isBase64Encoded = false): HookEvent => {
  const { pathname, search } = new URL(url);
  return {
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded,
    requestContext: { domainName: HOST, http: { method: 'POST' } },
  };
};

const sent = (scheme: HookScheme, given: Partial<Sending> = {}) =>
  sendAs(scheme, {
    body: '{"id":"evt_1","n":1}',
    secret: secretOf(scheme),
    contentType: JSON_TYPE,
    url: `https://${HOST}/hooks/${scheme}`,
    atSeconds: NOW / 1_000,
    id: 'd-1',
    ...given,
  });

let { receiver, state } = aReceiver();
beforeEach(() => {
  ({ receiver, state } = aReceiver());
});

const detailOf = (answer: { body?: string | undefined }) => problem.parse(JSON.parse(answer.body ?? '')).detail;
/** The job that the next stage reads from the queue. */
const queued = () => acceptedJob.parse(JSON.parse(JSON.stringify(state.jobs.at(-1))));

/** Of schemes whose senders choose no name for a delivery, or none that is unique. */
const DELIVERY_KEYS: Partial<Record<HookScheme, RegExp>> = { stripe: /^evt_1$/, woocommerce: /^d-1\/[0-9a-f]{64}$/ };

describe.each(HOOK_SCHEMES)('a sender of the scheme %s', (scheme) => {
  test.each([false, true])('is accepted with its own signature (as Base64: %s)', async (isBase64Encoded) => {
    const answer = await receiver.receive(eventOf(sent(scheme), isBase64Encoded));
    expect(answer.statusCode).toBe(202);
    const job = queued();
    expect(JSON.parse(answer.body ?? '')).toEqual({ job_id: job.job_id });
    expect(job).toMatchObject({
      origin: 'hook',
      source: scheme,
      tool: 'take_event',
      tenant_id: 'default',
      max_attempts: 8,
      received_at: new Date(NOW).toISOString(),
      content_type: 'application/json',
    });
    expect(Buffer.from(job.payload, 'base64').toString()).toBe('{"id":"evt_1","n":1}');
    expect(job.delivery_key).toMatch(DELIVERY_KEYS[scheme] ?? /^d-1$/);
    expect(state.verified).toEqual([[scheme, true]]);
  });

  test('is accepted with a form, and with any body that can be arguments', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.record({
            contentType: fc.constant(JSON_TYPE),
            body: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
          }),
          fc.record({
            contentType: fc.constant(FORM_TYPE),
            body: fc
              .array(fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.string()))
              .map((fields) => new URLSearchParams([...new Map(fields)]).toString()),
          }),
        ),
        fc.string({ unit: 'binary', maxLength: 600 }),
        async (given, id) => {
          fc.pre(Buffer.byteLength(given.body) <= 1_000);
          const request = sent(scheme, { ...given, ...(scheme !== 'standard-webhooks' && { id }) });
          const answer = await receiver.receive(eventOf(request));
          expect([answer.statusCode, given]).toEqual([202, given]);
          const job = queued();
          const read = readArguments({ payload: Buffer.from(job.payload, 'base64'), contentType: job.content_type });
          expect(read).toHaveProperty('arguments');
          expect(JSON.stringify(read)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is refused with one character of the proof changed, and nothing is said of which', async () => {
    const { statusCode, body } = await receiver.receive(eventOf(sent(scheme, { secret: secretOf(scheme, 'another') })));
    expect(statusCode).toBe(401);
    const { headers, ...request } = sent(scheme);
    const proof = headers[PROOF[scheme]] ?? '';
    for (const index of proof.split('').keys()) {
      const character = proof[index] === '~' ? '!' : '~';
      const changed = `${proof.slice(0, index)}${character}${proof.slice(index + 1)}`;
      const answer = await receiver.receive(eventOf({ ...request, headers: { ...headers, [PROOF[scheme]]: changed } }));
      expect([answer.statusCode, answer.body, changed]).toEqual([401, body, changed]);
    }
    const { [PROOF[scheme]]: _, ...without } = headers;
    expect((await receiver.receive(eventOf({ ...request, headers: without }))).body).toBe(body);
    expect(state.jobs).toEqual([]);
    expect(new Set(state.verified.map(([, isSigned]) => isSigned))).toEqual(new Set([false]));
  });

  test.skipIf(scheme === 'shared-secret')('is refused with one byte of the body changed', async () => {
    for (const contentType of [JSON_TYPE, FORM_TYPE]) {
      const request = sent(scheme, { contentType, body: contentType === JSON_TYPE ? '{"a":1}' : 'a=1&b=2' });
      for (const index of request.body.split('').keys()) {
        const body = `${request.body.slice(0, index)}~${request.body.slice(index + 1)}`;
        expect((await receiver.receive(eventOf({ ...request, body }))).statusCode, body).toBe(401);
      }
    }
    expect(state.jobs).toEqual([]);
  });

  test('is accepted with the old and with the new secret while both are stored', async () => {
    state.secrets[`HOOK_${scheme}`] = `${secretOf(scheme, 'new')}\n${secretOf(scheme, 'old')}\n`;
    for (const [seed, status] of [
      ['new', 202],
      ['old', 202],
      ['older', 401],
    ] as const) {
      const answer = await receiver.receive(eventOf(sent(scheme, { secret: secretOf(scheme, seed) })));
      expect(answer.statusCode, seed).toBe(status);
    }
  });

  test('never brings the receiver to fail, nor in without a proof, whatever the request', async () => {
    const names = [
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
      'stripe-signature',
      ...Object.values(PROOF),
      'content-type',
      'idempotency-key',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.constantFrom(...names),
          fc.oneof(fc.string(), fc.constantFrom('application/json', 't=1,v1=', 'v1,', 'Bearer ', 'sha256=')),
        ),
        fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
        fc.boolean(),
        fc.string(),
        async (headers, body, isBase64Encoded, rawQueryString) => {
          const event = { ...eventOf(sent(scheme)), headers, isBase64Encoded, rawQueryString };
          const answer = await receiver.receive({ ...event, ...(body === undefined ? { body: '' } : { body }) });
          expect([401, 413, 415]).toContain(answer.statusCode);
          expect(answer.headers?.['content-type']).toBe('application/problem+json');
          problem.parse(JSON.parse(answer.body ?? ''));
        },
      ),
      { numRuns: 200 },
    );
    expect(state.jobs).toEqual([]);
  });
});

describe('a signed time', () => {
  test.each(['standard-webhooks', 'stripe'] as const)(
    'of %s may be as far away as the setting says',
    async (scheme) => {
      for (const [seconds, status] of [
        [-300, 202],
        [-301, 401],
        [300, 202],
        [301, 401],
      ] as const) {
        const answer = await receiver.receive(eventOf(sent(scheme, { atSeconds: NOW / 1_000 + seconds })));
        expect([answer.statusCode, seconds]).toEqual([status, seconds]);
        if (status === 401) expect(detailOf(answer)).toContain('more than 300 seconds ago or ahead');
      }
      expect(state.verified.map(([, isFresh]) => isFresh)).toEqual([true, false, true, false]);
    },
  );

  test('is a part of what is signed', async () => {
    const { headers, ...request } = sent('standard-webhooks', { atSeconds: 1 });
    const renewed = { ...headers, 'webhook-timestamp': String(NOW / 1_000) };
    expect((await receiver.receive(eventOf({ ...request, headers: renewed }))).statusCode).toBe(401);
  });
});

/** What the vendors' documents and the tests of their libraries show. */
describe('the examples of vendors', () => {
  const receives = async (
    scheme: HookScheme,
    { secret, headers, body, url }: { secret: string; headers: Record<string, string>; body: string; url?: string },
  ) => {
    ({ receiver, state } = aReceiver({ argument: 'body' }));
    state.secrets[`HOOK_${scheme}`] = secret;
    const event = eventOf({ url: url ?? `https://${HOST}/hooks/${scheme}`, headers, body });
    const [, host = ''] = /^https:\/\/([^/]+)/.exec(url ?? '') ?? [];
    const requestContext = { ...event.requestContext, domainName: host || HOST };
    return (await receiver.receive({ ...event, requestContext })).statusCode;
  };

  test('GitHub', async () => {
    const headers = {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      'content-type': 'text/plain',
    };
    expect(await receives('github', { secret: "It's a Secret to Everybody", headers, body: 'Hello, World!' })).toBe(
      202,
    );
  });

  test('Twilio’s way to sign a form, with and without the port in its address', async () => {
    const fields = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    };
    const body = new URLSearchParams(fields).toString();
    const url = 'https://mycompany.com/hooks/twilio?foo=1&bar=2';
    const text = 'CallSidCA1234567890ABCDECaller+14158675309Digits1234From+14158675309To+18005551212';
    for (const signed of [url, url.replace('.com/', '.com:443/')]) {
      const signature = createHmac('sha1', '12345678')
        .update(signed + text)
        .digest('base64');
      const headers = { 'x-twilio-signature': signature, 'content-type': FORM_TYPE };
      expect(await receives('twilio', { secret: '12345678', headers, body, url })).toBe(202);
    }
  });

  test('Stripe’s with several signatures and one of another version', async () => {
    const { headers, body } = sent('stripe');
    const [, signature = ''] = /v1=(.*)/.exec(headers['stripe-signature'] ?? '') ?? [];
    const several = `t=${NOW / 1_000},v1=${'0'.repeat(64)},v1=${signature},v0=${'1'.repeat(64)}`;
    const secret = secretOf('stripe');
    expect(await receives('stripe', { secret, headers: { 'stripe-signature': several }, body })).toBe(202);
    const downgraded = `t=${NOW / 1_000},v0=${signature}`;
    expect(await receives('stripe', { secret, headers: { 'stripe-signature': downgraded }, body })).toBe(401);
  });

  test('Standard Webhooks’ with several signatures', async () => {
    const { headers, body } = sent('standard-webhooks');
    const secret = secretOf('standard-webhooks');
    const several = `v1a,abc v1,${'A'.repeat(43)}= ${headers['webhook-signature']}`;
    expect(
      await receives('standard-webhooks', { secret, headers: { ...headers, 'webhook-signature': several }, body }),
    ).toBe(202);
  });

  test('WooCommerce’s ping, which is not signed, is answered and becomes no job', async () => {
    const headers = { 'content-type': FORM_TYPE };
    const secret = secretOf('woocommerce');
    expect(await receives('woocommerce', { secret, headers, body: 'webhook_id=17' })).toBe(200);
    expect([state.jobs, state.verified]).toEqual([[], []]);
    expect(await receives('woocommerce', { secret, headers, body: 'webhook_id=17&a=b' })).toBe(401);
    expect(await receives('github', { secret, headers, body: 'webhook_id=17' })).toBe(401);
  });

  test('WooCommerce’s ids, which two events of one second share', async () => {
    for (const body of ['{"id":1}', '{"id":2}']) await receiver.receive(eventOf(sent('woocommerce', { body })));
    const [first, second] = state.jobs.map(({ delivery_key }) => delivery_key);
    expect(first).not.toBe(second);
    await receiver.receive(eventOf(sent('woocommerce', { body: '{"id":2}' })));
    expect(state.jobs.at(-1)?.delivery_key).toBe(second);
  });

  test('a shared secret in the header of our own', async () => {
    const secret = secretOf('shared-secret');
    expect(await receives('shared-secret', { secret, headers: { 'x-hook-secret': secret }, body: '{}' })).toBe(202);
    expect(await receives('shared-secret', { secret, headers: { authorization: secret }, body: '{}' })).toBe(401);
  });
});

describe('a request', () => {
  const github = (given: Partial<HookEvent> = {}) => ({ ...eventOf(sent('github')), ...given });

  test('to any other path is answered the same', async () => {
    const paths = [
      '/hooks/nobody',
      '/hooks/',
      '/hooks',
      '/',
      '/hooks/github/more',
      '/hooks/constructor',
      '/hooks/__proto__',
    ];
    const answers = await Promise.all(paths.map((rawPath) => receiver.receive(github({ rawPath }))));
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(404);
  });

  test('with another method is answered 405', async () => {
    const answer = await receiver.receive(github({ requestContext: { domainName: HOST, http: { method: 'GET' } } }));
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'POST' } });
  });

  test('that is too large is answered 413, signed or not, by the bytes that it means', async () => {
    const body = JSON.stringify({ text: 'ü'.repeat(490) });
    expect(Buffer.byteLength(body)).toBe(991);
    for (const isBase64Encoded of [true, false]) {
      expect((await receiver.receive(eventOf(sent('github', { body }), isBase64Encoded))).statusCode).toBe(202);
      const larger = JSON.stringify({ text: 'ü'.repeat(495) });
      const answer = await receiver.receive(eventOf(sent('github', { body: larger }), isBase64Encoded));
      expect([answer.statusCode, detailOf(answer)]).toEqual([413, 'The body may have 1000 bytes at most.']);
    }
    expect(state.fetches).toBe(2);
  });

  test.each([
    ['no JSON', '{"a":', 'The body is not JSON.'],
    ['a list', '[1]', 'The body is not a JSON object, whose keys would be the arguments.'],
    ['nothing', '', 'The body is not JSON.'],
    ['too deep', `{"a":${'['.repeat(70)}${']'.repeat(70)}}`, 'The body nests deeper than 64 levels.'],
  ])('with %s is answered 400 once it is known who sent it', async (_, body, detail) => {
    const answer = await receiver.receive(eventOf(sent('github', { body })));
    expect([answer.statusCode, detailOf(answer)]).toEqual([400, detail]);
    expect((await receiver.receive(eventOf(sent('github', { body, secret: 'another secret' })))).statusCode).toBe(401);
    expect(state.jobs).toEqual([]);
  });

  test('that is no text is answered 400', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    const signature = createHmac('sha256', secretOf('github')).update(bytes).digest('hex');
    const headers = { 'x-hub-signature-256': `sha256=${signature}` };
    const answer = await receiver.receive(github({ headers, body: bytes.toString('base64'), isBase64Encoded: true }));
    expect([answer.statusCode, detailOf(answer)]).toEqual([400, 'The body is not text in UTF-8.']);
  });

  test('of a type whose body has no keys is answered 415, and taken where an argument gets the body', async () => {
    const text = sent('github', { contentType: 'text/plain', body: 'Hello' });
    expect((await receiver.receive(eventOf(text))).statusCode).toBe(415);
    expect((await receiver.receive(eventOf(sent('github', { contentType: 'not a type' })))).statusCode).toBe(415);
    ({ receiver, state } = aReceiver({ argument: 'text' }));
    expect((await receiver.receive(eventOf(text))).statusCode).toBe(202);
  });

  test('that the queue does not take is answered 503, so that it is sent again', async () => {
    state.queueFails = true;
    const answer = await receiver.receive(github());
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
    expect(state.failed).toBe(1);
    expect(state.logged).toContainEqual([
      'The queue did not take a job',
      expect.objectContaining({ source: 'github' }),
    ]);
  });

  test('has its tenant’s name where the setting says one', async () => {
    ({ receiver, state } = aReceiver({ tenant: 'acme' }));
    await receiver.receive(github());
    expect(queued().tenant_id).toBe('acme');
  });
});

describe('a secret', () => {
  const receive = async (given: Partial<Sending> = {}) =>
    (await receiver.receive(eventOf(sent('github', given)))).statusCode;

  test('that was rotated is fetched again at the first request that it does not fit', async () => {
    expect(await receive()).toBe(202);
    const secret = secretOf('github', 'rotated');
    state.secrets.HOOK_github = secret;
    expect(await receive({ secret })).toBe(202);
    expect(await receive()).toBe(401);
  });

  test('that was revoked is believed for minutes only, though nobody sends with another', async () => {
    expect(await receive()).toBe(202);
    state.secrets.HOOK_github = secretOf('github', 'rotated');
    state.now += 5 * 60_000;
    expect(await receive()).toBe(401);
  });

  test('without a value is answered 503 and asked for again seconds later, and no text shows what it has', async () => {
    state.secrets.HOOK_github = new Error('The secret HOOK_github has no value.');
    expect([await receive(), await receive()]).toEqual([503, 503]);
    expect([state.fetches, state.failed]).toEqual([1, 2]);
    expect(state.logged).toContainEqual([
      'The secret of a source cannot be used',
      { source: 'github', problem: 'The secret HOOK_github has no value.' },
    ]);
    delete state.secrets.HOOK_github;
    state.now += 10_000;
    expect(await receive()).toBe(202);
  });

  test.each([
    ['standard-webhooks', 'whsec_not~base64'],
    ['github', 'long enough\nshort'],
  ] as const)('of %s that cannot be used is answered 503', async (scheme, value) => {
    state.secrets[`HOOK_${scheme}`] = value;
    expect((await receiver.receive(eventOf(sent(scheme)))).statusCode).toBe(503);
    expect(state.failed).toBe(1);
    expect(JSON.stringify(state.logged)).not.toContain(value.split('\n')[0]);
  });
});
