import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import { type Clock, DAY_MS, MINUTE_MS } from '../clock.ts';
import type { Journal, OpenJournal } from '../journal.ts';
import type { LogEvent, LogGroup, Subscription } from './log-group.ts';

/** Events of one stream that arrive within this time are one batch. On AWS it is seconds; here a person waits. */
const BATCH_MS = 200;
const MAX_BATCH_EVENTS = 10_000;
/** After a permanent error the filter is switched off for this long. */
const DISABLED_MS = 10 * MINUTE_MS;
/** After a temporary error the batch is sent again every minute, for a day. */
const RETRY_INTERVAL_MS = MINUTE_MS;
const MAX_RETRY_MS = DAY_MS;

const PERMANENT_ERRORS = ['AccessDeniedException', 'ResourceNotFoundException'];

/** An event that a subscription matches, until it has been sent. */
const pendingSchema = z.object({
  group: z.string(),
  subscription: z.string(),
  stream: z.string(),
  event: z.object({ id: z.string(), timestamp: z.number(), message: z.string() }),
});

interface Batch {
  group: LogGroup;
  stream: string;
  subscription: Subscription;
  events: LogEvent[];
}

/** The event that a subscribed function is invoked with: the documented message, gzipped and encoded as Base64. */
const toLambdaEvent = (owner: string, { group, stream, subscription, events }: Batch) => {
  const message = {
    messageType: 'DATA_MESSAGE',
    owner,
    logGroup: group.name,
    logStream: stream,
    subscriptionFilters: [subscription.name],
    logEvents: events,
  };
  return { awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') } };
};

interface ForwarderOptions {
  account: string;
  clock: Clock;
  /** Invokes a function asynchronously on behalf of CloudWatch Logs. Throws `AwsError` when that is rejected. */
  invoke: (functionArn: string, sourceArn: string, event: unknown) => Promise<void>;
  /** Adds to a metric of the log group's subscription. */
  count: (group: LogGroup, metric: string, value: number, subscription: Subscription) => void;
  openJournal: OpenJournal;
  onLoss: (description: string) => void;
}

/** An event's id in the journal: two subscriptions may receive the same event. */
const journalId = ({ name }: Subscription, { id }: LogEvent): string => `${id}/${name}`;

/** Sends batches to subscribed functions. Resolves to whether a batch is to be sent again later. */
const createSender = ({ account, clock, invoke, count }: ForwarderOptions) => {
  return async (batch: Batch, since: number): Promise<boolean> => {
    const { group, subscription, events } = batch;
    if (clock.now() < subscription.disabledUntil) return false;
    try {
      await invoke(subscription.destination, group.arn, toLambdaEvent(account, batch));
      count(group, 'ForwardedLogEvents', events.length, subscription);
      return false;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const isPermanent = PERMANENT_ERRORS.includes(error.code);
      count(group, isPermanent ? 'DeliveryErrors' : 'DeliveryThrottling', 1, subscription);
      if (isPermanent) subscription.disabledUntil = clock.now() + DISABLED_MS;
      return !isPermanent && clock.now() - since < MAX_RETRY_MS;
    }
  };
};

/** Sends the events of log groups to the functions that subscribe to them. An event survives a restart until then. */
export const createForwarder = (options: ForwarderOptions) => {
  const { clock, openJournal, onLoss } = options;
  const journal: Journal<z.infer<typeof pendingSchema>> = openJournal('log-events', pendingSchema);
  const trySending = createSender(options);

  const send = async (batch: Batch, since: number): Promise<void> => {
    if (await trySending(batch, since)) clock.after(RETRY_INTERVAL_MS, () => send(batch, since));
    else journal.remove(batch.events.map((event) => journalId(batch.subscription, event)));
  };

  const flush = async (group: LogGroup, subscription: Subscription): Promise<void> => {
    subscription.cancelFlush = undefined;
    const pending = [...subscription.pending];
    subscription.pending.clear();
    for (const [stream, events] of pending) {
      for (let from = 0; from < events.length; from += MAX_BATCH_EVENTS) {
        const batch = { group, stream, subscription, events: events.slice(from, from + MAX_BATCH_EVENTS) };
        await send(batch, batch.events[0]?.timestamp ?? clock.now());
      }
    }
  };

  const addPending = (group: LogGroup, subscription: Subscription, stream: string, event: LogEvent): void => {
    subscription.pending.set(stream, [...(subscription.pending.get(stream) ?? []), event]);
    subscription.cancelFlush ??= clock.after(BATCH_MS, () => flush(group, subscription));
  };

  return {
    /** Sends the event, soon, to each subscription of its group whose pattern it matches. */
    forward: (group: LogGroup, stream: string, event: LogEvent): void => {
      for (const subscription of group.subscriptions) {
        if (!subscription.matches(event.message)) continue;
        const pending = { group: group.name, subscription: subscription.name, stream, event };
        journal.put(journalId(subscription, event), pending);
        addPending(group, subscription, stream, event);
      }
    },

    /** Sends the events that were written before a restart and not sent. */
    resume: (groups: ReadonlyMap<string, LogGroup>): void => {
      for (const [id, { group: groupName, subscription: name, stream, event }] of journal.left) {
        const group = groups.get(groupName);
        const subscription = group?.subscriptions.find((other) => other.name === name);
        if (group && subscription) addPending(group, subscription, stream, event);
        else {
          journal.remove([id]);
          onLoss(`a log event of ${groupName} is not sent: the subscription ${name} no longer exists`);
        }
      }
    },
  };
};
