import type { Call } from '../contract/api/calls.ts';

/** With fewer calls a difference says nothing. */
const MIN_CALLS = 20;
/** How many times slower, and by how many percent more often failing, is worth a word. */
const SLOWER = 1.5;
const MORE_FAILURES_PCT = 5;

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

/** The figures of calls of a version. */
export const summarizeCalls = (version: string, calls: readonly Call[]): Figures => {
  const counted = calls.filter(({ fault }) => fault !== 'caller');
  const failed = counted.filter(({ success }) => !success);
  const durations = calls.flatMap(({ success, duration_ms }) => (success ? [duration_ms] : []));
  durations.sort((one, other) => one - other);
  return {
    version,
    calls: calls.length,
    failures: failed.length,
    failure_pct: counted.length === 0 ? null : Math.round((failed.length / counted.length) * 1_000) / 10,
    p50_ms: percentileOf(durations, 0.5),
    p95_ms: percentileOf(durations, 0.95),
    cold_starts: calls.filter(({ cold_start }) => cold_start).length,
    most_common_error: mostCommon(failed.flatMap(({ error_type, error_code }) => error_type ?? error_code ?? [])),
  };
};

const describeFailures = (before: Figures, after: Figures): string[] => {
  const more = (after.failure_pct ?? 0) - (before.failure_pct ?? 0);
  if (more >= MORE_FAILURES_PCT) return [`${after.version} fails more often`];
  return -more >= MORE_FAILURES_PCT ? [`${after.version} fails less often`] : [];
};

const describeDurations = (before: Figures, after: Figures): string[] => {
  if (before.p95_ms === null || after.p95_ms === null) return [];
  if (after.p95_ms >= SLOWER * before.p95_ms) return [`${after.version} is slower`];
  return before.p95_ms >= SLOWER * after.p95_ms ? [`${after.version} is faster`] : [];
};

/** The difference in words; of few calls it is said that they prove nothing. */
export const describeDifference = (before: Figures, after: Figures): string => {
  const few = [before, after].filter(({ calls }) => calls < MIN_CALLS);
  if (few.length > 0) {
    const counts = few.map(({ version, calls }) => `${calls} of ${version}`).join(' and ');
    return `There are too few calls to compare: ${counts}.`;
  }
  const words = [...describeFailures(before, after), ...describeDurations(before, after)];
  return words.length > 0 ? `${words.join(', and ')} than ${before.version}.` : 'There is no clear difference.';
};
