import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeliveredNotice } from '../../../lambdas/contract/channel-thread.ts';
import { brokenWays, type DrillMessage, drillSeverityOf } from '../../../lambdas/contract/drill.ts';
import { type DrillParts, runDrill } from '../../../lambdas/drill/run-drill.ts';
import type { TopicCounts } from '../../../lambdas/drill/topic-counts.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:critical';
const DRILLED = [{ severity: 'critical' as const, topic: TOPIC, channels: ['chat', 'flow'] }];
const NOTHING: TopicCounts = { published: 0, delivered: 0, filtered: 0, givenUp: 0 };
const ALL: TopicCounts = { published: 3, delivered: 6, filtered: 0, givenUp: 0 };
const T = Date.UTC(2026, 10, 24, 10);

const aDrillMessage = (notice: string, more: Partial<DrillMessage> = {}): DrillMessage => ({
  incident: `drill/critical@${notice}`,
  notice,
  thread: `drill/critical@${notice}`,
  at: T + 70_000,
  published: ['topic critical', 'channel chat', 'channel flow'],
  ...more,
});

interface Observed {
  before?: DrillMessage;
  message?: DrillMessage | undefined;
  deliveries?: Record<string, DeliveredNotice[]>;
  counts?: TopicCounts;
  recipients?: number;
}

/** A drill of ten minutes on a clock that its waiting moves; the message is there once the alarm was set off. */
const drill = async ({ before, message, deliveries = {}, counts = ALL, recipients = 2 }: Observed = {}) => {
  let now = T;
  let isOff = false;
  const parts: DrillParts = {
    state: {
      readMessage: async () => (isOff ? (message ?? before) : before),
      readDelivery: async (channel, { notice }) => deliveries[channel]?.find(({ id }) => id === notice),
    },
    setOff: () => {
      isOff = true;
    },
    countRecipients: async () => recipients,
    countDeliveries: async () => counts,
    sleep: async (ms) => {
      now += ms;
    },
    now: () => now,
  };
  const answer = await runDrill(DRILLED, 600_000, parts);
  if ('refused' in answer) return { refused: answer.refused, isOff };
  const levels = Object.fromEntries(answer.ways.map(({ way, level }) => [way, level]));
  return { levels, ways: answer.ways, broken: brokenWays(answer).length, tookMs: now - T, isOff };
};

const posted = (id: string): DeliveredNotice => ({ id, level: 'posted', at: T + 72_000 });
const accepted = (id: string): DeliveredNotice => ({ id, level: 'accepted', at: T + 73_000 });
const everywhere = (id: string) => ({ chat: [posted(id)], flow: [accepted(id)] });

test('a drill says how far its message came on each way, and when', async () => {
  const { levels, ways, broken } = await drill({ message: aDrillMessage('ours'), deliveries: everywhere('ours') });
  expect(levels).toEqual({ 'topic critical': 'accepted', 'channel chat': 'posted', 'channel flow': 'accepted' });
  expect(ways?.map(({ seconds }) => seconds)).toEqual([70, 72, 73]);
  expect(ways?.at(-1)?.detail).toBe('accepted, not proven: ask whether it is seen');
  expect(broken).toBe(0);
});

test('what channels have taken of anything else is no proof', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string().filter((id) => id !== 'ours')), async (others) => {
      const deliveries = { chat: others.map(posted), flow: others.map(accepted) };
      const { levels, tookMs } = await drill({ message: aDrillMessage('ours'), deliveries });
      expect([levels?.['channel chat'], levels?.['channel flow']]).toEqual(['missing', 'missing']);
      expect(tookMs).toBeLessThanOrEqual(600_000 * 3); // each of its waits moves the one clock
    }),
    { numRuns: 30 },
  );
});

test('the message of an earlier drill is no proof of this one', async () => {
  const before = aDrillMessage('of last week', { endedAt: T - 86_400_000 });
  const { levels, ways } = await drill({ before, deliveries: everywhere('of last week') });
  expect(Object.values(levels ?? {})).toEqual(['missing', 'missing', 'missing']);
  expect(ways?.[0]?.detail).toBe('the alarm led to no message');
});

test('a second drill is refused while the first is not over, and sets nothing off', async () => {
  const before = aDrillMessage('first', { at: T - 120_000 });
  expect(await drill({ before })).toEqual({ refused: expect.stringContaining('not over'), isOff: false });
  const forgotten = aDrillMessage('first', { at: T - 2 * 3_600_000 });
  const again = await drill({ before: forgotten, message: aDrillMessage('second'), deliveries: everywhere('second') });
  expect(again.broken).toBe(0);
});

test.each<[what: string, observed: Observed, level: string, detail: RegExp]>([
  ['no confirmed recipient', { recipients: 0 }, 'failed', /no confirmed recipient/],
  ['a delivery that SNS gave up', { counts: { ...ALL, givenUp: 1 } }, 'failed', /gave up/],
  ['deliveries of other messages only', { counts: { ...ALL, delivered: 5 } }, 'missing', /did not hand everything/],
  ['figures that are not there yet', { counts: NOTHING }, 'missing', /did not hand everything/],
  ['a filter that left some out', { counts: { ...ALL, delivered: 5, filtered: 1 } }, 'accepted', /left out 1/],
  ['every delivery of every message', {}, 'accepted', /2 of 2 recipients/],
])('a topic with %s is %s', async (_, observed, level, detail) => {
  const { ways } = await drill({ message: aDrillMessage('ours'), deliveries: everywhere('ours'), ...observed });
  expect(ways?.[0]).toMatchObject({ way: 'topic critical', level, detail: expect.stringMatching(detail) });
});

test('a message that SNS or a queue did not take is another thing than one that waits', async () => {
  const message = aDrillMessage('ours', { published: ['channel chat'] });
  const { ways } = await drill({ message });
  expect(ways?.map(({ detail }) => detail)).toEqual([
    'SNS did not take the message',
    'it waits in the queue of the channel',
    'the queue of the channel did not take it',
  ]);
});

test('each channel gets the drill of one severity, whatever it filters', () => {
  expect(drillSeverityOf({})).toBe('critical');
  expect(drillSeverityOf({ severities: ['warning', 'critical'] })).toBe('critical');
  expect(drillSeverityOf({ severities: ['warning'] })).toBe('warning');
  expect(drillSeverityOf({ severities: ['info'] })).toBe('warning');
});
