import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { extractMetrics } from '../cloudwatch/emf.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { OpenJournal } from '../journal.ts';
import { arnOf, type Place } from '../place.ts';
import { valueAt } from './filter-pattern.ts';
import { createForwarder } from './forwarding.ts';
import type { LogEvent, LogGroup, Subscription } from './log-group.ts';
import { createLogReads } from './log-reads.ts';
import { logsResources } from './resources.ts';

export interface LogsOptions {
  place: Place;
  clock: Clock;
  metrics: Metrics;
  iam: Iam;
  /** Invokes a function asynchronously on behalf of CloudWatch Logs. Throws `AwsError` when that is rejected. */
  invoke: (functionArn: string, sourceArn: string, event: unknown) => Promise<void>;
  openJournal: OpenJournal;
  onLoss: (description: string) => void;
  /** Called with each line that a group receives. */
  onLog?: ((line: string, group: string) => void) | undefined;
}

/** The number of newest events of a stream that can be read. */
const MAX_STREAM_EVENTS = 5_000;

const createEventId = (): string => BigInt(`0x${randomBytes(20).toString('hex')}`).toString();

/** Log groups: events are stored for readers, metrics are extracted, and subscribed functions receive events. */
export const createLogs = (options: LogsOptions) => {
  const { place, clock, metrics, iam } = options;
  const groups = new Map<string, LogGroup>();

  const findGroup = (name: string): LogGroup => {
    const group = groups.get(name);
    if (!group) throw new AwsError('ResourceNotFoundException', `The log group ${name} does not exist`, 404);
    return group;
  };

  const count = (group: LogGroup, name: string, value: number, subscription?: Subscription) => {
    const dimensions = {
      LogGroupName: group.name,
      ...(subscription && { DestinationType: 'Lambda', FilterName: subscription.name }),
    };
    metrics.put({ namespace: 'AWS/Logs', name, dimensions }, value);
  };

  const forwarder = createForwarder({ ...options, account: place.account, count });

  const putMetrics = (group: LogGroup, message: string) => {
    const extraction = extractMetrics(message, clock.now());
    if (!extraction) return;
    if ('failed' in extraction) return count(group, extraction.failed, 1);
    for (const { id, values, at, resolutionMs } of extraction.metrics) metrics.put(id, values, at, resolutionMs);
  };

  /** A line without the value of a dimension has no metric, as in AWS. */
  const putFilteredMetrics = ({ metricFilters }: LogGroup, message: string) => {
    for (const { matches, namespace, name, value, dimensions } of metricFilters) {
      if (!matches(message)) continue;
      const event: unknown = Object.keys(dimensions).length > 0 ? JSON.parse(message) : undefined;
      const values = Object.entries(dimensions).map(([key, path]) => [key, valueAt(event, path)] as const);
      if (values.some(([, found]) => typeof found !== 'string')) continue;
      metrics.put({ namespace, name, dimensions: Object.fromEntries(values) as Record<string, string> }, value);
    }
  };

  const append = (group: LogGroup, stream: string, message: string) => {
    const event = { id: createEventId(), timestamp: clock.now(), message };
    const events = group.streams.get(stream) ?? [];
    group.streams.set(stream, events);
    events.push(event);
    if (events.length > MAX_STREAM_EVENTS) events.shift();
    count(group, 'IncomingLogEvents', 1);
    putMetrics(group, message);
    putFilteredMetrics(group, message);
    forwarder.forward(group, stream, event);
    options.onLog?.(message, group.name);
  };

  return {
    /** Writes a line as a role. Throws `AwsError` when the role may not, or when the group does not exist. */
    write: (role: string, groupName: string, stream: string, message: string): void => {
      const group = findGroup(groupName);
      const resource = arnOf(place, 'logs', `log-group:${group.name}:log-stream:${stream}`);
      if (!group.streams.has(stream)) {
        iam.authorize({ principal: { role }, action: 'logs:CreateLogStream', resource });
        group.streams.set(stream, []);
      }
      iam.authorize({ principal: { role }, action: 'logs:PutLogEvents', resource });
      append(group, stream, message);
    },

    /** Writes a line of an AWS service that logs to the group: it creates its streams, and needs no role. */
    vend: (groupName: string, stream: string, message: string): void => append(findGroup(groupName), stream, message),

    /** The stored events of a group, oldest first. */
    read: (groupName: string): LogEvent[] =>
      [...findGroup(groupName).streams.values()].flat().sort((a, b) => a.timestamp - b.timestamp),

    groups: (): string[] => [...groups.keys()],

    /** Sends to subscribers what was written before a restart and not sent. */
    resume: (): void => forwarder.resume(groups),

    ...createLogReads({ place, iam, groups, findGroup }),

    handlers: logsResources({ place, groups, findGroup }),
  };
};

export type Logs = ReturnType<typeof createLogs>;
