import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { describeBrokenConnection } from '../../lambdas/contract/connections.ts';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import { extractMetrics } from '../cloudwatch/emf.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import { type Filter, parseFilter } from './filter-pattern.ts';

export interface LogEvent {
  id: string;
  timestamp: number;
  message: string;
}

interface Subscription {
  name: string;
  pattern: string;
  filter: Filter;
  destination: string;
  waiting: Map<string, LogEvent[]>;
  cancel: (() => void) | undefined;
  /** A refusal for good switches the filter off until then; what comes meanwhile is skipped. */
  offUntil: number;
}

/** As somebody from outside sees it. */
export type SubscriptionFilter = Pick<Subscription, 'name' | 'pattern' | 'destination'>;

interface Group {
  name: string;
  arn: string;
  streams: Map<string, LogEvent[]>;
  subscriptions: Subscription[];
}

export interface LogsOptions {
  place: Place;
  clock: Clock;
  metrics: Metrics;
  iam: Iam;
  /** Hands an event to a function, asynchronously, on behalf of this service. Throws `AwsError` when it is refused. */
  invoke: (functionArn: string, sourceArn: string, event: unknown) => Promise<void>;
}

/** Lines of one stream that arrive within this time travel together. In AWS it is seconds; a person here waits for it. */
const GATHER_MS = 200;
const MOST_EVENTS = 10_000;
const OFF_MS = 10 * 60_000;
/** What can be delivered later is tried again for a day. */
const RETRY_MS = 60_000;
const RETRY_UNTIL_MS = 24 * 3_600_000;
/** How many events of a stream can still be read here. */
const KEPT_EVENTS = 5_000;

const envelope = (owner: string, group: Group, stream: string, subscription: Subscription, events: LogEvent[]) => {
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

/** Log groups: what is written is kept a while, read for metrics, and passed on to who subscribes. */
export const createLogs = ({ place, clock, metrics, iam, invoke }: LogsOptions) => {
  const groups = new Map<string, Group>();

  const groupOf = (name: string): Group => {
    const group = groups.get(name);
    if (!group) throw new AwsError('ResourceNotFoundException', `The log group ${name} does not exist`, 404);
    return group;
  };

  const count = (group: Group, name: string, value: number, subscription?: Subscription) => {
    const dimensions = {
      LogGroupName: group.name,
      ...(subscription && { DestinationType: 'Lambda', FilterName: subscription.name }),
    };
    metrics.put({ namespace: 'AWS/Logs', name, dimensions }, value);
  };

  const deliver = async (
    group: Group,
    stream: string,
    subscription: Subscription,
    events: LogEvent[],
    since: number,
  ) => {
    if (clock.now() < subscription.offUntil) return;
    try {
      await invoke(subscription.destination, group.arn, envelope(place.account, group, stream, subscription, events));
      count(group, 'ForwardedLogEvents', events.length, subscription);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const forGood = ['AccessDeniedException', 'ResourceNotFoundException'].includes(error.code);
      count(group, forGood ? 'DeliveryErrors' : 'DeliveryThrottling', 1, subscription);
      if (forGood) subscription.offUntil = clock.now() + OFF_MS;
      else if (clock.now() - since < RETRY_UNTIL_MS) {
        clock.after(RETRY_MS, () => deliver(group, stream, subscription, events, since));
      }
    }
  };

  const flush = async (group: Group, subscription: Subscription) => {
    subscription.cancel = undefined;
    const batches = [...subscription.waiting];
    subscription.waiting.clear();
    for (const [stream, events] of batches) {
      for (let from = 0; from < events.length; from += MOST_EVENTS) {
        await deliver(group, stream, subscription, events.slice(from, from + MOST_EVENTS), clock.now());
      }
    }
  };

  const passOn = (group: Group, stream: string, event: LogEvent) => {
    for (const subscription of group.subscriptions) {
      if (!subscription.filter(event.message)) continue;
      subscription.waiting.set(stream, [...(subscription.waiting.get(stream) ?? []), event]);
      subscription.cancel ??= clock.after(GATHER_MS, () => flush(group, subscription));
    }
  };

  const readMetrics = (group: Group, message: string) => {
    const extracted = extractMetrics(message, clock.now());
    if (!extracted) return;
    if ('failed' in extracted) return count(group, extracted.failed, 1);
    for (const { id, values, at, resolutionMs } of extracted.metrics) metrics.put(id, values, at, resolutionMs);
  };

  const append = (group: Group, stream: string, message: string) => {
    const event = { id: BigInt(`0x${randomBytes(20).toString('hex')}`).toString(), timestamp: clock.now(), message };
    const kept = group.streams.get(stream) ?? [];
    group.streams.set(stream, kept);
    kept.push(event);
    if (kept.length > KEPT_EVENTS) kept.shift();
    count(group, 'IncomingLogEvents', 1);
    readMetrics(group, message);
    passOn(group, stream, event);
  };

  return {
    /** Writes a line under a role. Throws `AwsError` when the role may not or the group is not there. */
    write: (role: string, groupName: string, stream: string, message: string): void => {
      const group = groupOf(groupName);
      const resource = arnOf(place, 'logs', `log-group:${group.name}:log-stream:${stream}`);
      if (!group.streams.has(stream)) {
        iam.authorize({ principal: { role }, action: 'logs:CreateLogStream', resource });
        group.streams.set(stream, []);
      }
      iam.authorize({ principal: { role }, action: 'logs:PutLogEvents', resource });
      append(group, stream, message);
    },

    /** Writes a line as an AWS service whose log a group is: it makes its streams and has its policy of AWS itself. */
    vend: (groupName: string, stream: string, message: string): void => append(groupOf(groupName), stream, message),

    /** What was written to a group, oldest first, as far as it is kept. */
    read: (groupName: string): LogEvent[] =>
      [...groupOf(groupName).streams.values()].flat().sort((a, b) => a.timestamp - b.timestamp),

    /** The same for who may, each with its stream. */
    filter: (principal: Principal, groupName: string): (LogEvent & { stream: string })[] => {
      const group = groupOf(groupName);
      iam.authorize({ principal, action: 'logs:FilterLogEvents', resource: group.arn });
      return [...group.streams]
        .flatMap(([stream, events]) => events.map((event) => ({ ...event, stream })))
        .sort((a, b) => a.timestamp - b.timestamp);
    },

    groups: (): string[] => [...groups.keys()],

    /** The groups whose names begin so, for who may know. */
    describe: (principal: Principal, prefix: string): { name: string; arn: string }[] => {
      iam.authorize({ principal, action: 'logs:DescribeLogGroups', resource: arnOf(place, 'logs', 'log-group:*') });
      return [...groups.values()].filter(({ name }) => name.startsWith(prefix)).map(({ name, arn }) => ({ name, arn }));
    },

    /** Who subscribes to a group, for who may know. */
    subscriptionsOf: (principal: Principal, groupName: string): readonly SubscriptionFilter[] => {
      const group = groupOf(groupName);
      iam.authorize({ principal, action: 'logs:DescribeSubscriptionFilters', resource: group.arn });
      return group.subscriptions;
    },

    rules: {
      'AWS::Logs::LogGroup': resourceHandler(groupProperties, ({ LogGroupName, LogGroupClass }, declared) => {
        if (LogGroupClass !== 'STANDARD') {
          const why = `a log group of the class ${LogGroupClass} feeds neither metrics nor subscriptions`;
          throw new Error(describeBrokenConnection('log → metrics', why));
        }
        const name = LogGroupName ?? nameOf(declared);
        groups.set(name, {
          name,
          arn: arnOf(place, 'logs', `log-group:${name}:*`),
          streams: new Map(),
          subscriptions: [],
        });
        return { ref: name, attributes: { Arn: arnOf(place, 'logs', `log-group:${name}:*`) } };
      }),
      'AWS::Logs::SubscriptionFilter': resourceHandler(filterProperties, (properties, declared) => {
        const name = properties.FilterName ?? nameOf(declared);
        const { subscriptions } = groupOf(properties.LogGroupName);
        if (subscriptions.length === 2) throw new Error('a log group has at most two subscription filters');
        subscriptions.push({
          name,
          pattern: properties.FilterPattern,
          filter: parseFilter(properties.FilterPattern),
          destination: properties.DestinationArn,
          waiting: new Map(),
          cancel: undefined,
          offUntil: 0,
        });
        return { ref: name };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Logs = ReturnType<typeof createLogs>;

/** What would change what readers and subscribers see, as masking does, is refused and not ignored. */
const groupProperties = z.strictObject({
  LogGroupName: z.string().optional(),
  LogGroupClass: z.string().default('STANDARD'),
  RetentionInDays: z.number().optional(),
  Tags: z.unknown().optional(),
});
const filterProperties = z.strictObject({
  LogGroupName: z.string(),
  FilterName: z.string().optional(),
  FilterPattern: z.string(),
  DestinationArn: z.string(),
});
