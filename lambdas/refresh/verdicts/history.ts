import { HOUR_MS } from '../../contract/durations.ts';

/** Calls under one name in one span of time. */
export interface Bucket {
  /** When it begins, in milliseconds since 1970, and how long it is. */
  readonly at: number;
  readonly ms: number;
  /** Calls that did not fail by their caller's fault, and those of them that failed. */
  readonly calls: number;
  readonly errors: number;
  /** All calls, also those that failed by their caller's fault. */
  readonly allCalls: number;
}

/** What is known of the calls under one name: oldest first, without gaps filled; a span without calls has no bucket. */
export type History = readonly Bucket[];

/** The evaluation of one condition: it holds, it is proven to be over, or there is nothing to say. */
export type Verdict = 'holds' | 'over' | 'none';

/** For how long it is said of a condition that it is over, in milliseconds: some refreshes may fail. */
export const SHOWN_OVER_MS = HOUR_MS / 2;

const endOf = ({ at, ms }: Bucket): number => at + ms;

/** The buckets that end after `from` and begin before `until`; a bucket at an edge counts if most of it is inside. */
export const between = (history: History, from: number, until: number): Bucket[] =>
  history.filter((bucket) => bucket.at + bucket.ms / 2 >= from && endOf(bucket) - bucket.ms / 2 < until);

export const sumOf = (buckets: readonly Bucket[], count: 'calls' | 'errors' | 'allCalls'): number =>
  buckets.reduce((sum, bucket) => sum + bucket[count], 0);
