import type { Call } from '../contract/api/calls.ts';

/** With fewer calls of either version a difference says nothing. */
const MIN_CALLS = 20;
/** How many times slower, and by how many percent more often failing, is worth a word. */
const SLOWER = 1.5;
const MORE_FAILURES_PCT = 5;
/** How many standard deviations apart two shares must be: by chance, one comparison in a hundred is so far apart. */
const DEVIATIONS = 2.58;

/** Calls of one version. */
export interface VersionCalls {
  readonly version: string;
  readonly calls: readonly Call[];
}

/** What calls of one version have in common. */
export interface Figures {
  readonly version: string;
  readonly calls: number;
  /** Those that failed by no caller's fault. */
  readonly failures: number;
  readonly failure_pct: number | null;
  /** Of calls that succeeded. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly cold_starts: number;
  readonly most_common_error: string | null;
}

/** The value below which a share of sorted values is; null without values. */
const percentileOf = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;

const mostCommon = (words: readonly string[]): string | null => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const [first] = [...counts].sort(([, one], [, other]) => other - one);
  return first?.[0] ?? null;
};

/** The calls that say something of a version: a caller's mistake says nothing. */
const countedOf = ({ calls }: VersionCalls): Call[] => calls.filter(({ fault }) => fault !== 'caller');

const failedOf = (given: VersionCalls): Call[] => countedOf(given).filter(({ success }) => !success);

/** The durations of the calls that succeeded, the shortest first. */
const durationsOf = ({ calls }: VersionCalls): number[] =>
  calls.flatMap(({ success, duration_ms }) => (success ? [duration_ms] : [])).sort((one, other) => one - other);

/** The figures of calls of a version. */
export const summarizeCalls = (given: VersionCalls): Figures => {
  const counted = countedOf(given).length;
  const failed = failedOf(given);
  const durations = durationsOf(given);
  return {
    version: given.version,
    calls: given.calls.length,
    failures: failed.length,
    failure_pct: counted === 0 ? null : Math.round((failed.length / counted) * 1_000) / 10,
    p50_ms: percentileOf(durations, 0.5),
    p95_ms: percentileOf(durations, 0.95),
    cold_starts: given.calls.filter(({ cold_start }) => cold_start).length,
    most_common_error: mostCommon(failed.flatMap(({ error_type, error_code }) => error_type ?? error_code ?? [])),
  };
};

interface Share {
  readonly part: number;
  readonly total: number;
}

/** Whether two shares differ by more than chance, with Yates’s correction: a single call is worth little of few. */
const differ = (share: Share, otherShare: Share): boolean => {
  const both = (share.part + otherShare.part) / (share.total + otherShare.total);
  const perCall = 1 / share.total + 1 / otherShare.total;
  const difference = Math.abs(share.part / share.total - otherShare.part / otherShare.total) - perCall / 2;
  return difference > DEVIATIONS * Math.sqrt(both * (1 - both) * perCall);
};

/** That there are too few calls of either version, in a sentence; undefined when there are enough. */
const describeFew = (figure: string, counts: readonly [string, number][], which: string): string | undefined => {
  const few = counts
    .filter(([, count]) => count < MIN_CALLS)
    .map(([version, count]) => `version ${version} has ${count}`);
  if (few.length === 0) return undefined;
  return `Too few calls to compare ${figure}: ${few.join(' and ')}, and each needs ${MIN_CALLS} ${which}.`;
};

const compareFailures = (before: VersionCalls, after: VersionCalls): string => {
  const [earlier, later] = [before, after].map(
    (given): Share => ({ part: failedOf(given).length, total: countedOf(given).length }),
  ) as [Share, Share];
  const counts: [string, number][] = [
    [before.version, earlier.total],
    [after.version, later.total],
  ];
  const few = describeFew('failures', counts, 'that did not fail by their caller’s fault');
  if (few !== undefined) return few;
  const morePct = 100 * (later.part / later.total - earlier.part / earlier.total);
  if (Math.abs(morePct) < MORE_FAILURES_PCT || !differ(earlier, later)) return 'Failures do not clearly differ.';
  return `${after.version} fails ${morePct > 0 ? 'more' : 'less'} often than ${before.version}.`;
};

/** Whether many more durations than by chance are longer than nearly all of the others. */
const areSlower = (durations: readonly number[], others: readonly number[]): boolean => {
  const [p95, limit] = [percentileOf(durations, 0.95), percentileOf(others, 0.95)];
  if (p95 === null || limit === null || p95 < SLOWER * limit) return false;
  const shareBeyond = (given: readonly number[]): Share => ({
    part: given.filter((duration) => duration > limit).length,
    total: given.length,
  });
  return differ(shareBeyond(durations), shareBeyond(others));
};

const compareDurations = (before: VersionCalls, after: VersionCalls): string => {
  const [earlier, later] = [durationsOf(before), durationsOf(after)];
  const counts: [string, number][] = [
    [before.version, earlier.length],
    [after.version, later.length],
  ];
  const few = describeFew('durations', counts, 'that succeeded');
  if (few !== undefined) return few;
  if (areSlower(later, earlier)) return `${after.version} is slower than ${before.version}.`;
  if (areSlower(earlier, later)) return `${after.version} is faster than ${before.version}.`;
  return 'Durations do not clearly differ.';
};

/** The difference in words, each time beyond chance; of too few calls it says how many it takes. */
export const describeDifference = (before: VersionCalls, after: VersionCalls): string =>
  `${compareFailures(before, after)} ${compareDurations(before, after)}`;
