import type { ToolHealth } from '../lambdas/contract/reports.ts';

export const VERDICT_WORDS: Record<ToolHealth['verdict'], string> = {
  critical: 'failing',
  warning: 'slow',
  insufficient_data: 'too few calls',
  healthy: 'healthy',
};

export const FAULT_WORDS: Record<NonNullable<ToolHealth['most_common_fault']>, string> = {
  caller: 'the caller',
  dependency: 'a dependency',
  ours: 'us',
  platform: 'the platform',
};

/** A duration in the unit a person would use. */
export const formatDuration = (ms: number | null): string => {
  if (ms === null) return '–';
  if (ms < 1_000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
};

export const formatPercent = (share: number): string =>
  `${share === 0 || share >= 10 ? Math.round(share) : share.toFixed(1)} %`;

/** How long ago, in one unit. */
export const formatAgo = (at: string | null, now: number): string => {
  if (at === null) return 'never';
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 86_400 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
};

/** A moment as a clock shows it here. */
export const formatClock = (at: string): string => new Date(at).toLocaleTimeString([], { hour12: false });

export const formatCount = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;

/** Fewer calls than this since a failure do not prove that it is over. */
const MIN_RECOVERY_CALLS = 10;

/** True of a tool that was failing today and does so no more. */
export const hasRecovered = ({ verdict, recent_calls, recent_failures }: ToolHealth): boolean =>
  verdict === 'critical' && recent_failures === 0 && recent_calls >= MIN_RECOVERY_CALLS;
