import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { customNotice } from '../../../lambdas/contract/notices/custom-notice.ts';
import { notify } from '../../../lambdas/observe/index.ts';
import { observe } from '../../../lambdas/observe/observe.ts';
import { createCanaries } from '../../support/canaries.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { listen } from '../../support/http-server.ts';

const lines = captureLines();
const MARK = 'canary0123456789';
const CANARIES = createCanaries(MARK);

/** What SQS was sent, and whether it answers. */
let sent: unknown[] = [];
let status = 200;
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  server = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { MessageBody } = JSON.parse(Buffer.concat(chunks).toString());
    if (status === 200) sent.push(JSON.parse(MessageBody));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    const answer = { MessageId: 'm', MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
    response.end(JSON.stringify(status === 200 ? answer : { __type: 'AccessDenied' }));
  });
});
afterAll(() => server.close());

let minute = 0;
beforeEach(() => {
  sent = [];
  status = 200;
  minute += 2;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 20, 22, minute) });
  vi.stubEnv('CUSTOM_NOTICES_QUEUE', 'https://sqs.us-east-1.amazonaws.com/123456789012/notices');
  vi.stubEnv('AWS_ENDPOINT_URL', server.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** Asks for a notice within a call, and returns its line. */
const ask = async (...given: Parameters<typeof notify>) => {
  const isSent = await observe('job', 'place_order', () => notify(...given));
  return { isSent, line: JSON.parse(lines.raw().at(-1) ?? '') };
};

test('a notice says which call asked for it, and is what the notifier reads', async () => {
  const { isSent } = await ask('The shop answers slowly', {
    severity: 'critical',
    lines: ['for 5 minutes'],
    links: [{ title: 'Status', url: 'https://status.example.com' }],
    thread: 'shop',
  });
  expect(isSent).toBe(true);
  const [record] = lines.records();
  expect(customNotice.parse(sent[0])).toMatchObject({
    title: 'The shop answers slowly',
    severity: 'critical',
    lines: ['for 5 minutes'],
    links: [{ title: 'Status', url: 'https://status.example.com/' }],
    thread: 'shop',
    resolve: false,
    source: { kind: 'tool', tool: 'place_order', correlation_id: record?.correlation_id, trace_id: record?.trace_id },
  });
});

test('a secret in a text is left out', async () => {
  for (const [index, canary] of CANARIES.entries()) {
    vi.setSystemTime(Date.UTC(2026, 10, 20, 20, 2 * index));
    await ask(`it says ${canary}`, {
      lines: [String(canary)],
      links: [{ title: String(canary), url: 'https://a.example' }],
    });
  }
  expect(JSON.stringify(sent)).not.toContain(MARK);
  expect(sent).toHaveLength(CANARIES.length);
});

test('a function that may not notify sends nothing, and its call goes on', async () => {
  vi.stubEnv('CUSTOM_NOTICES_QUEUE', undefined);
  const { isSent, line } = await ask('x');
  expect([isSent, sent, line.success, line.telemetry_dropped]).toEqual([false, [], true, 1]);
});

test('a queue that does not answer costs the call nothing but the notice', async () => {
  status = 400;
  const { isSent, line } = await ask('x');
  expect([isSent, line.success, line.telemetry_dropped]).toEqual([false, true, 1]);
  status = 200;
  expect((await ask('x')).isSent).toBe(true);
});

test('a process asks for ten notices in a minute, and what is beyond is counted as lost', async () => {
  const results = [];
  for (let index = 0; index < 12; index += 1) results.push((await ask(`notice ${index}`)).isSent);
  expect(results.filter(Boolean)).toHaveLength(10);
  expect(sent).toHaveLength(10);
  vi.setSystemTime(Date.now() + 61_000);
  expect((await ask('later')).isSent).toBe(true);
});

test('whatever it is given, it does not throw, and what it sends is what the notifier reads', async () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
  const options = fc.oneof(
    anything,
    fc.record(
      {
        severity: fc.oneof(anything, fc.constantFrom('critical', 'warning', 'info')),
        lines: fc.oneof(anything, fc.array(fc.string({ unit: 'binary', maxLength: 2_000 }), { maxLength: 20 })),
        links: fc.oneof(
          anything,
          fc.array(fc.record({ title: fc.string(), url: fc.oneof(fc.webUrl(), fc.string()) }), { maxLength: 9 }),
        ),
        thread: fc.oneof(anything, fc.string({ unit: 'binary' })),
        resolve: fc.oneof(anything, fc.boolean()),
      },
      { requiredKeys: [] },
    ),
  );
  const title = fc.oneof(fc.string({ unit: 'binary', maxLength: 1_000 }), anything);
  let now = Date.UTC(2030, 0, 1);
  await fc.assert(
    fc.asyncProperty(title, options, async (given, more) => {
      now += 120_000;
      vi.setSystemTime(now);
      sent = [];
      const isSent = await notify(given as string, more as never);
      expect(sent).toHaveLength(isSent ? 1 : 0);
      for (const message of sent) expect(customNotice.safeParse(message).error).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
