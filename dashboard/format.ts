import { MINUTE_MS, SECOND_MS } from '../lambdas/contract/durations.ts';
import type { ToolHealth } from '../lambdas/contract/reports.ts';

export const VERDICT_WORDS: Record<ToolHealth['verdict'], string> = {
  critical: 'failing',
  warning: 'slow',
  insufficient_data: 'too few calls',
  healthy: 'healthy',
};

/** Whose fault a failure is, as in "the caller's fault". */
export const FAULT_WORDS: Record<NonNullable<ToolHealth['most_common_fault']>, string> = {
  caller: 'the caller’s',
  dependency: 'a dependency’s',
  ours: 'our own',
  platform: 'the platform’s',
};

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** A duration in the unit that reads best. */
export const formatDuration = (ms: number | null): string => {
  if (ms === null) return '–';
  if (ms < SECOND_MS) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return ms < MINUTE_MS ? `${(ms / SECOND_MS).toFixed(1)} s` : `${Math.round(ms / MINUTE_MS)} min`;
};

/** How long ago a time was, in one unit. */
export const formatAgo = (at: string | null, now: number): string => {
  if (at === null) return 'never';
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1_000));
  if (seconds < MINUTE_SECONDS) return `${seconds} s ago`;
  if (seconds < HOUR_SECONDS) return `${Math.round(seconds / MINUTE_SECONDS)} min ago`;
  if (seconds < DAY_SECONDS) return `${Math.round(seconds / HOUR_SECONDS)} h ago`;
  return `${Math.round(seconds / DAY_SECONDS)} d ago`;
};

/** A time of day in the reader's time zone. */
export const formatClock = (at: string): string => new Date(at).toLocaleTimeString([], { hour12: false });

/** A number with its noun: `1 tool`, `2 tools`. */
export const formatCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** A tool has recovered only after at least this many recent calls without a failure. */
const MIN_RECOVERY_CALLS = 10;

/** True for a tool that failed in the last 24 hours and no longer does. */
export const hasRecovered = ({ verdict, recent_calls, recent_failures }: ToolHealth): boolean =>
  verdict === 'critical' && recent_failures === 0 && recent_calls >= MIN_RECOVERY_CALLS;
