import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChannelThread } from '../../../lambdas/contract/channel-thread.ts';
import type { DeliveredChannel } from '../../../lambdas/contract/channels.ts';
import type { Notice } from '../../../lambdas/contract/notice.ts';
import type { Attempted } from '../../../lambdas/deliver/attempt.ts';
import { type DeadChannel, NO_THREAD } from '../../../lambdas/deliver/channel-state.ts';
import { readFailure } from '../../../lambdas/deliver/channels/answers.ts';
import type { ChannelRequest, Outcome, RequestOptions } from '../../../lambdas/deliver/channels/channel.ts';
import { Deliverer, type DelivererParts } from '../../../lambdas/deliver/deliverer.ts';
import type { QueuedRecord } from '../../../lambdas/deliver/queues.ts';
import type { SendResult } from '../../../lambdas/deliver/send.ts';

const FAR = Number.MAX_SAFE_INTEGER;
const HOUR = 3_600_000;
const CHANNEL: DeliveredChannel = {
  name: 'oncall',
  type: 'webhook',
  queue: 'arn:aws:sqs:us-east-1:000000000000:oncall.fifo',
  queueUrl: 'https://sqs/oncall.fifo',
  deadLettersUrl: 'https://sqs/oncall-dead.fifo',
  secret: 'CHANNEL_ONCALL',
  settings: {},
  allowPrivateAddresses: false,
};

const aNotice = (more: Partial<Notice> = {}): Notice => ({
  id: randomUUID(),
  type: 'incident.opened',
  thread: 'tool/place_order@1',
  state: 'open',
  severity: 'critical',
  title: 'place_order fails',
  lines: [],
  links: [],
  facts: {},
  since: 1,
  at: 2,
  place: { deployment: 'toolwatch', account: '000000000000', region: 'us-east-1' },
  ...more,
});

let receipts = 0;
const aRecord = (body: unknown, more: Partial<QueuedRecord> = {}): QueuedRecord => {
  receipts += 1;
  return {
    messageId: `m${receipts}`,
    receiptHandle: `r${receipts}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    eventSourceARN: CHANNEL.queue,
    attributes: { ApproximateReceiveCount: '1', MessageGroupId: (body as Notice).thread ?? 'g' },
    ...more,
  };
};

const answering = (status: number, headers: Record<string, string> = {}, body = ''): SendResult => ({
  answer: { status, headers, body },
});
const TIMEOUT: SendResult = { failure: { type: 'timeout', reason: 'It did not answer', isLasting: false } };

/** A channel whose secret, state and receiver are the test's; `answers` are given in order, then 200. */
const createRig = () => {
  const rig = {
    now: Date.UTC(2026, 10, 30),
    secret: 'one',
    /** What is fetched when the secret is fetched again. */
    nextSecret: undefined as string | undefined,
    problem: undefined as { problem: string; isLasting: boolean } | undefined,
    dead: undefined as DeadChannel | undefined,
    threads: new Map<string, ChannelThread>(),
    isTableDown: false,
    isSqsDown: false,
    answers: [] as SendResult[],
    sent: [] as { secret: string; form: string; reference: string | undefined; notice: string }[],
    attempted: [] as Attempted[],
    hidden: [] as { id: string; ms: number }[],
    aside: [] as { id: string; reason: string }[],
    deadMetrics: 0,
    slept: 0,
    errors: [] as unknown[],
  };
  const table = <Result>(work: () => Result): Promise<Result> =>
    rig.isTableDown ? Promise.reject(new Error('DynamoDB does not answer')) : Promise.resolve(work());
  const open = (secret: string) => ({
    minIntervalMs: 1_000,
    buildRequest: (notice: Notice, { form, reference }: RequestOptions): ChannelRequest | undefined => {
      if (notice.type === 'silent') return undefined;
      const body = JSON.stringify({ secret, form, reference, notice: notice.id });
      return { method: 'POST', url: 'https://a.example/', headers: {}, body };
    },
    readAnswer: (answer: NonNullable<SendResult['answer']>, now: number): Outcome => {
      if (answer.status === 200) return { kind: 'posted', reference: 'first' };
      if (answer.status === 202) return { kind: 'accepted' };
      if (answer.body === 'gone') return { kind: 'unknown-message', reason: 'It is gone' };
      return readFailure(answer, now);
    },
  });
  const parts: DelivererParts = {
    channels: [CHANNEL],
    opened: {
      load: async () => {
        const fingerprint = `of ${rig.secret}`;
        return rig.problem ? { ...rig.problem, fingerprint } : { open: open(rig.secret), fingerprint };
      },
      renew: async () => {
        if (rig.nextSecret === undefined || rig.nextSecret === rig.secret) return false;
        rig.secret = rig.nextSecret;
        return true;
      },
    },
    state: {
      readDead: () => table(() => rig.dead),
      writeDead: (_, dead) =>
        table(() => {
          rig.dead = dead;
        }),
      forgetDead: () =>
        table(() => {
          rig.dead = undefined;
        }),
      readThread: (_, name) => table(() => rig.threads.get(name) ?? NO_THREAD),
      writeThread: (_, name, thread) => table(() => void rig.threads.set(name, thread)),
    },
    queues: {
      hide: async (_, { messageId }, ms) => {
        if (rig.isSqsDown) throw new Error('SQS does not answer');
        rig.hidden.push({ id: messageId, ms });
      },
      putAside: async (_, { messageId }, reason) => {
        if (rig.isSqsDown) throw new Error('SQS does not answer');
        rig.aside.push({ id: messageId, reason });
      },
    },
    send: async ({ body }) => {
      rig.sent.push(JSON.parse(body));
      return rig.answers.shift() ?? answering(200);
    },
    onAttempted: (_, __, attempted) => rig.attempted.push(attempted),
    onDead: () => {
      rig.deadMetrics += 1;
    },
    logger: { error: (...entry) => rig.errors.push(entry), warn: () => {}, info: () => {} },
    sleep: async (ms) => {
      rig.slept += ms;
      rig.now += ms;
    },
    now: () => rig.now,
    random: () => 0.5,
  };
  const deliverer = new Deliverer(parts);
  return Object.assign(rig, {
    deliver: (...records: QueuedRecord[]) => deliverer.deliverRecords(records, FAR),
    deliverUntil: (until: number, record: QueuedRecord) => deliverer.deliverRecords([record], until),
  });
};

let rig: ReturnType<typeof createRig>;
beforeEach(() => {
  rig = createRig();
});

describe('a notice', () => {
  test('is delivered once, also when the queue hands it over again', async () => {
    const notice = aNotice();
    expect(await rig.deliver(aRecord(notice))).toEqual([]);
    expect(await rig.deliver(aRecord(notice, { attributes: { ApproximateReceiveCount: '2' } }))).toEqual([]);
    expect(rig.sent).toHaveLength(1);
    expect(rig.attempted.map(({ outcome }) => outcome.kind)).toEqual(['posted']);
  });

  test('changes the message about the same thing, by the reference that the channel gave', async () => {
    await rig.deliver(aRecord(aNotice()));
    await rig.deliver(aRecord(aNotice({ state: 'over' })));
    await rig.deliver(aRecord(aNotice({ thread: 'another' })));
    expect(rig.sent.map(({ reference }) => reference)).toEqual([undefined, 'first', undefined]);
  });

  test('is written anew when the message can no longer be changed', async () => {
    await rig.deliver(aRecord(aNotice()));
    rig.answers = [answering(404, {}, 'gone')];
    await rig.deliver(aRecord(aNotice()));
    expect(rig.sent.slice(1).map(({ form, reference }) => [form, reference])).toEqual([
      ['rich', 'first'],
      ['rich', undefined],
    ]);
  });

  test('that is accepted only, with no proof that anybody sees it, is not sent again', async () => {
    rig.answers = [answering(202)];
    expect(await rig.deliver(aRecord(aNotice()))).toEqual([]);
    expect(rig.sent).toHaveLength(1);
    expect(rig.attempted.map(({ outcome }) => outcome.kind)).toEqual(['accepted']);
  });

  test('of which the channel has nothing to show is done, without a request', async () => {
    expect(await rig.deliver(aRecord(aNotice({ type: 'silent' })))).toEqual([]);
    expect(rig.sent).toEqual([]);
  });

  test('whose content is refused is sent in the next form at once', async () => {
    rig.answers = [answering(400), answering(413)];
    expect(await rig.deliver(aRecord(aNotice()))).toEqual([]);
    expect(rig.sent.map(({ form }) => form)).toEqual(['rich', 'plain', 'line']);
    expect(rig.aside).toEqual([]);
  });

  test('whose content is refused in every form is put aside with the reason, and the next one goes on', async () => {
    rig.answers = [answering(400), answering(400), answering(422)];
    expect(await rig.deliver(aRecord(aNotice()), aRecord(aNotice({ thread: 'next' })))).toEqual([]);
    expect(rig.aside).toEqual([{ id: expect.any(String), reason: expect.stringContaining('422') }]);
    expect(rig.sent.at(-1)?.form).toBe('rich');
  });

  test('stays for as long as the channel asks for', async () => {
    rig.answers = [answering(429, { 'retry-after': '120' })];
    const record = aRecord(aNotice());
    expect(await rig.deliver(record)).toEqual([record.messageId]);
    expect(rig.hidden).toEqual([{ id: record.messageId, ms: 120_000 + 0.5 * 5_000 }]);
  });

  test.each([
    ['1', 2_500],
    ['3', 150_000],
    ['12', 5 * HOUR],
  ])('stays after attempt %s that nobody answered, by the schedule', async (ApproximateReceiveCount, ms) => {
    rig.answers = [TIMEOUT];
    const record = aRecord(aNotice(), { attributes: { ApproximateReceiveCount } });
    expect(await rig.deliver(record)).toEqual([record.messageId]);
    expect(rig.hidden).toEqual([{ id: record.messageId, ms }]);
  });

  test('holds back those of its group, and no others', async () => {
    rig.answers = [answering(503)];
    const [first, second, other] = [aNotice(), aNotice(), aNotice({ thread: 'other' })].map((notice) =>
      aRecord(notice),
    );
    expect(await rig.deliver(first as QueuedRecord, second as QueuedRecord, other as QueuedRecord)).toEqual([
      first?.messageId,
      second?.messageId,
    ]);
    expect(rig.sent).toHaveLength(2);
  });

  test('is not begun when too little time is left for a request', async () => {
    const record = aRecord(aNotice());
    expect(await rig.deliverUntil(rig.now + 3_000, record)).toEqual([record.messageId]);
    expect(rig.sent).toEqual([]);
  });

  test('leaves twice the interval of its channel behind each of its requests', async () => {
    rig.answers = [answering(400)];
    await rig.deliver(aRecord(aNotice()));
    expect(rig.slept).toBe(2 * 2_000);
  });
});

describe('a message that is no notice', () => {
  test.each([
    ['', 'It is no notice'],
    ['no JSON', 'It is no notice'],
    [JSON.stringify({ ...aNotice(), severity: 'loud' }), 'It is no notice: severity'],
    [JSON.stringify({ ...aNotice(), secret: 1 }), 'It is no notice'],
  ])('is put aside with the reason, and does not stop the next: %s', async (body, reason) => {
    expect(await rig.deliver(aRecord(body), aRecord(aNotice()))).toEqual([]);
    expect(rig.aside).toEqual([{ id: expect.any(String), reason: expect.stringContaining(reason) }]);
    expect(rig.sent).toHaveLength(1);
  });

  test('stays while it cannot be put aside', async () => {
    rig.isSqsDown = true;
    const record = aRecord('poison');
    expect(await rig.deliver(record)).toEqual([record.messageId]);
  });

  test('never makes a batch fail, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), async (body) => {
        const fresh = createRig();
        const notice = aRecord(aNotice());
        expect(await fresh.deliver(aRecord(body), notice)).toEqual([]);
        expect(fresh.aside).toHaveLength(1);
        expect(fresh.sent).toHaveLength(1);
      }),
    );
  });

  test('of a queue that no channel has stays there', async () => {
    const record = aRecord(aNotice(), { eventSourceARN: 'arn:other' });
    expect(await rig.deliver(record)).toEqual([record.messageId]);
    expect(rig.errors).toHaveLength(1);
  });
});

describe('a channel that refuses for good', () => {
  test.each([401, 403, 404, 410, 301])(
    'is dead after %s: reported at once, its notice retained, no further request',
    async (status) => {
      rig.answers = [answering(status)];
      const record = aRecord(aNotice());
      expect(await rig.deliver(record)).toEqual([record.messageId]);
      expect(rig.deadMetrics).toBe(1);
      expect(rig.dead).toMatchObject({ fingerprint: 'of one', reason: expect.stringContaining(String(status)) });
      expect(rig.hidden).toEqual([{ id: record.messageId, ms: HOUR + 30_000 }]);

      rig.now += HOUR / 2;
      const next = aRecord(aNotice({ thread: 'next' }));
      expect(await rig.deliver(next)).toEqual([next.messageId]);
      expect(rig.sent).toHaveLength(1);
      expect(rig.deadMetrics).toBe(1);
      expect(rig.hidden.at(-1)?.ms).toBeLessThanOrEqual(HOUR / 2 + 60_000);
    },
  );

  test('is asked once more at once with the secret fetched again, if it has changed', async () => {
    rig.answers = [answering(401)];
    rig.nextSecret = 'two';
    expect(await rig.deliver(aRecord(aNotice()))).toEqual([]);
    expect(rig.sent.map(({ secret }) => secret)).toEqual(['one', 'two']);
    expect(rig.dead).toBeUndefined();
  });

  test('is asked with a changed secret once only', async () => {
    rig.answers = [answering(401), answering(401)];
    rig.nextSecret = 'two';
    await rig.deliver(aRecord(aNotice()));
    expect(rig.sent).toHaveLength(2);
    expect(rig.dead).toMatchObject({ fingerprint: 'of two' });
  });

  test('lives again as soon as its secret is another', async () => {
    rig.answers = [answering(410)];
    const record = aRecord(aNotice());
    await rig.deliver(record);
    rig.nextSecret = 'two';
    rig.now += 60_000;
    expect(await rig.deliver(record)).toEqual([]);
    expect(rig.dead).toBeUndefined();
    expect(rig.sent).toHaveLength(2);
  });

  test('is tried again after an hour, and lives again when it answers', async () => {
    rig.answers = [answering(404), answering(404)];
    const record = aRecord(aNotice());
    await rig.deliver(record);
    const { since } = rig.dead ?? {};
    rig.now += HOUR;
    await rig.deliver(record);
    expect(rig.dead).toMatchObject({ since, triedAt: rig.now - 2_000 });
    rig.now += HOUR;
    expect(await rig.deliver(record)).toEqual([]);
    expect(rig.dead).toBeUndefined();
    expect(rig.sent).toHaveLength(3);
  });

  test('is one without a usable secret as well; where AWS does not answer, its notices wait', async () => {
    const record = aRecord(aNotice());
    rig.problem = { problem: 'The secret has no value.', isLasting: true };
    expect(await rig.deliver(record)).toEqual([record.messageId]);
    expect(rig.dead).toMatchObject({ reason: 'The secret has no value.' });
    expect(rig.sent).toEqual([]);

    const other = createRig();
    other.problem = { problem: 'It could not be read (ThrottlingException).', isLasting: false };
    expect(await other.deliver(record)).toEqual([record.messageId]);
    expect(other.dead).toBeUndefined();
    expect(other.hidden).toEqual([{ id: record.messageId, ms: 2_500 }]);
  });
});

describe('while nothing can be remembered', () => {
  test('notices are delivered nevertheless', async () => {
    rig.isTableDown = true;
    expect(await rig.deliver(aRecord(aNotice()))).toEqual([]);
    expect(rig.sent).toHaveLength(1);
  });

  test('a dead channel is reported nevertheless, and its notice retained', async () => {
    rig.isTableDown = true;
    rig.answers = [answering(410)];
    const record = aRecord(aNotice());
    expect(await rig.deliver(record)).toEqual([record.messageId]);
    expect(rig.deadMetrics).toBe(1);
  });

  test('nor hidden, a notice stays in the queue', async () => {
    rig.isSqsDown = true;
    rig.answers = [answering(503)];
    const record = aRecord(aNotice());
    expect(await rig.deliver(record)).toEqual([record.messageId]);
  });
});
