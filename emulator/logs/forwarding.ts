import { gzipSync } from 'node:zlib';
import { AwsError } from '../aws-error.ts';
import { type Clock, DAY_MS, MINUTE_MS } from '../clock.ts';
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
}

/** Sends the events of log groups to the functions that subscribe to them. */
export const createForwarder = ({ account, clock, invoke, count }: ForwarderOptions) => {
  const send = async (batch: Batch, since: number): Promise<void> => {
    const { group, subscription, events } = batch;
    if (clock.now() < subscription.disabledUntil) return;
    try {
      await invoke(subscription.destination, group.arn, toLambdaEvent(account, batch));
      count(group, 'ForwardedLogEvents', events.length, subscription);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const isPermanent = PERMANENT_ERRORS.includes(error.code);
      count(group, isPermanent ? 'DeliveryErrors' : 'DeliveryThrottling', 1, subscription);
      if (isPermanent) subscription.disabledUntil = clock.now() + DISABLED_MS;
      else if (clock.now() - since < MAX_RETRY_MS) clock.after(RETRY_INTERVAL_MS, () => send(batch, since));
    }
  };

  const flush = async (group: LogGroup, subscription: Subscription): Promise<void> => {
    subscription.cancelFlush = undefined;
    const pending = [...subscription.pending];
    subscription.pending.clear();
    for (const [stream, events] of pending) {
      for (let from = 0; from < events.length; from += MAX_BATCH_EVENTS) {
        const batch = { group, stream, subscription, events: events.slice(from, from + MAX_BATCH_EVENTS) };
        await send(batch, clock.now());
      }
    }
  };

  /** Sends the event, soon, to each subscription of its group whose pattern it matches. */
  return (group: LogGroup, stream: string, event: LogEvent): void => {
    for (const subscription of group.subscriptions) {
      if (!subscription.matches(event.message)) continue;
      subscription.pending.set(stream, [...(subscription.pending.get(stream) ?? []), event]);
      subscription.cancelFlush ??= clock.after(BATCH_MS, () => flush(group, subscription));
    }
  };
};
