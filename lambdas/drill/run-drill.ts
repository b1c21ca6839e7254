import type { DrillAnswer, DrilledWay, DrillMessage } from '../contract/drill.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../contract/durations.ts';
import type { DrilledSeverity } from '../contract/env/drill.ts';
import type { Severity } from '../contract/severity.ts';
import { channelWay, topicWay } from '../contract/ways.ts';
import type { DrillState } from './drill-state.ts';
import type { TopicCounts } from './topic-counts.ts';

export interface DrillParts {
  readonly state: Pick<DrillState, 'readMessage' | 'readDelivery'>;
  /** Sets off the alarm of each severity. */
  readonly setOff: (severities: readonly Severity[]) => void;
  /** How many confirmed subscriptions a topic has. */
  readonly countRecipients: (topic: string) => Promise<number>;
  /** What a topic did since a time, in milliseconds since 1970. */
  readonly countDeliveries: (topic: string, sinceMs: number) => Promise<TopicCounts>;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly now: () => number;
}

/** Between two looks at the table, and at metrics, each of which is billed. */
const LOOK_MS = 2 * SECOND_MS;
const COUNT_MS = 10 * SECOND_MS;
/** A drill is over within minutes: one that is not by then never will be, and is in the way of no other. */
const FORGOTTEN_MS = HOUR_MS;

type Proof = Pick<DrilledWay, 'level' | 'detail'> & { readonly atMs?: number };

/** Looks again and again until there is a proof or the time is up. */
const waitFor = async (
  look: () => Promise<Proof | undefined>,
  pauseMs: number,
  deadline: number,
  { sleep, now }: DrillParts,
): Promise<Proof | undefined> => {
  for (;;) {
    const proof = await look();
    if (proof) return proof;
    if (now() + pauseMs > deadline) return undefined;
    await sleep(pauseMs);
  }
};

/**
 * What a topic's figures prove of the drill's message. They are of all its messages, and none of them is known by its id:
 * that every message reached every recipient is proof for each.
 */
const evaluateTopic = (
  { published, delivered, filtered, givenUp }: TopicCounts,
  recipients: number,
): Proof | undefined => {
  if (givenUp > 0) return { level: 'failed', detail: 'SNS gave up a delivery in these minutes' };
  if (published === 0 || delivered + filtered < published * recipients) return undefined;
  if (filtered > 0)
    return { level: 'accepted', detail: `filters of subscriptions left out ${filtered} of the deliveries` };
  return { level: 'accepted', detail: `SNS handed everything to ${recipients} of ${recipients} recipients` };
};

const followTopic = async (
  topic: string,
  severity: Severity,
  readMessage: () => Promise<DrillMessage | undefined>,
  deadline: number,
  parts: DrillParts,
): Promise<Proof> => {
  const recipients = await parts.countRecipients(topic);
  if (recipients === 0) return { level: 'failed', detail: 'the topic has no confirmed recipient' };
  const isPublished = async (): Promise<Proof | undefined> =>
    (await readMessage())?.published.includes(topicWay(severity)) ? { level: 'accepted' } : undefined;
  if (!(await waitFor(isPublished, LOOK_MS, deadline, parts)))
    return { level: 'missing', detail: 'SNS did not take the message' };
  const message = await readMessage();
  const atMs = message?.at ?? parts.now();
  const count = async () => evaluateTopic(await parts.countDeliveries(topic, atMs), recipients);
  const counted = await waitFor(count, COUNT_MS, deadline, parts);
  return counted
    ? { ...counted, atMs }
    : { level: 'missing', detail: `SNS took it, and did not hand everything to ${recipients} recipients in time` };
};

const followChannel = async (
  name: string,
  message: DrillMessage,
  readMessage: () => Promise<DrillMessage | undefined>,
  deadline: number,
  parts: DrillParts,
): Promise<Proof> => {
  const look = async (): Promise<Proof | undefined> => {
    const delivery = await parts.state.readDelivery(name, message);
    if (!delivery) return undefined;
    const unproven = delivery.level === 'accepted' ? { detail: 'accepted, not proven: ask whether it is seen' } : {};
    return { level: delivery.level, atMs: delivery.at, ...unproven };
  };
  const proof = await waitFor(look, LOOK_MS, deadline, parts);
  if (proof) return proof;
  const isQueued = (await readMessage())?.published.includes(channelWay(name));
  return {
    level: 'missing',
    detail: isQueued ? 'it waits in the queue of the channel' : 'the queue of the channel did not take it',
  };
};

const drillSeverity = async (
  { severity, topic, channels }: DrilledSeverity,
  before: DrillMessage | undefined,
  startedAt: number,
  deadline: number,
  parts: DrillParts,
): Promise<DrilledWay[]> => {
  const readMessage = async (): Promise<DrillMessage | undefined> => {
    const message = await parts.state.readMessage(severity);
    return message?.notice === before?.notice ? undefined : message;
  };
  const toWay = (way: string, { atMs, ...proof }: Proof): DrilledWay => ({
    way,
    severity,
    ...proof,
    ...(atMs !== undefined && {
      at: new Date(atMs).toISOString(),
      seconds: Math.max(0, Math.round((atMs - startedAt) / SECOND_MS)),
    }),
  });
  const isThere = async (): Promise<Proof | undefined> => ((await readMessage()) ? { level: 'accepted' } : undefined);
  await waitFor(isThere, LOOK_MS, deadline, parts);
  const message = await readMessage();
  const silent: Proof = { level: 'missing', detail: 'the alarm led to no message' };
  const topics = topic === undefined ? [] : [topic];
  return Promise.all([
    ...topics.map(async (arn) =>
      toWay(topicWay(severity), message ? await followTopic(arn, severity, readMessage, deadline, parts) : silent),
    ),
    ...channels.map(async (name) =>
      toWay(channelWay(name), message ? await followChannel(name, message, readMessage, deadline, parts) : silent),
    ),
  ]);
};

/**
 * Sets off the alarm of each severity, and follows its message by its own id on every way: from the inbox through the
 * notifier to the topic and into each channel. Resolves to how far it came, at most `timeoutMs` later. Refuses while
 * an earlier drill is not over, because its message would be taken for this one's.
 */
export const runDrill = async (
  drilled: readonly DrilledSeverity[],
  timeoutMs: number,
  parts: DrillParts,
): Promise<DrillAnswer> => {
  const startedAt = parts.now();
  const earlier = await Promise.all(drilled.map(({ severity }) => parts.state.readMessage(severity)));
  const running = earlier.find((message) => message && !message.endedAt && startedAt - message.at < FORGOTTEN_MS);
  if (running) {
    const minutes = Math.ceil((startedAt - running.at) / MINUTE_MS);
    return { refused: `The drill of ${minutes} minutes ago is not over; it takes a quarter of an hour at most.` };
  }
  parts.setOff(drilled.map(({ severity }) => severity));
  const deadline = startedAt + timeoutMs;
  const ways = await Promise.all(
    drilled.map((each, index) => drillSeverity(each, earlier[index], startedAt, deadline, parts)),
  );
  return { started_at: new Date(startedAt).toISOString(), ways: ways.flat() };
};
