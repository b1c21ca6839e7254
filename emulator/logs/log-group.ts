import type { MessageFilter } from './filter-pattern.ts';

export interface LogEvent {
  id: string;
  timestamp: number;
  message: string;
}

/** A subscription filter, as DescribeSubscriptionFilters shows it. */
export interface SubscriptionFilter {
  name: string;
  pattern: string;
  /** The function's ARN. */
  destination: string;
}

/** A subscription filter and its state. */
export interface Subscription extends SubscriptionFilter {
  matches: MessageFilter;
  /** Events that wait to be sent, by stream. */
  pending: Map<string, LogEvent[]>;
  /** Cancels the next sending; undefined when none is scheduled. */
  cancelFlush: (() => void) | undefined;
  /** Until then the filter is switched off by a permanent error, and events are skipped. */
  disabledUntil: number;
}

/** A metric filter: each event that it matches becomes a value of its metric. */
interface MetricFilter {
  matches: MessageFilter;
  namespace: string;
  name: string;
  value: number;
  /** The path of each dimension's value in the event. */
  dimensions: Readonly<Record<string, string>>;
}

export interface LogGroup {
  name: string;
  arn: string;
  streams: Map<string, LogEvent[]>;
  subscriptions: Subscription[];
  metricFilters: MetricFilter[];
}
