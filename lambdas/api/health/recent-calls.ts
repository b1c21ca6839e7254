import type { Finding } from '../../contract/health/status.ts';
import { ERROR_RATE, MIN_CALLS, MIN_ERRORS } from '../../contract/tool-facts.ts';

/** What is wrong now, by the calls of the last minutes. */

/** How far back "now" reaches, in minutes: about as far as a tool's alarms look. */
export const NOW_MINUTES = 15;

/** A row of `api-health-recent`: calls of one name that depend on one provider. Thresholds are those of a tool that has any. */
export interface RecentCalls {
  kind: 'tool' | 'dependency';
  name: string;
  provider: string | null;
  calls: number;
  failures: number;
  dependency_failures: number;
  /** Successes that took longer than the tool's threshold. */
  slow_calls: number;
  first_failure_at: string | null;
  error_rate: number | null;
  min_calls: number | null;
  min_errors: number | null;
}

type Count = 'calls' | 'failures' | 'dependency_failures' | 'slow_calls';

const sumOf = (rows: readonly RecentCalls[], field: Count): number => rows.reduce((sum, row) => sum + row[field], 0);

/** True for more failures than the tool may have, and few calls do not excuse it when most of them fail. */
const isFailing = (rows: readonly RecentCalls[]): boolean => {
  const [calls, failures] = [sumOf(rows, 'calls'), sumOf(rows, 'failures')];
  const { error_rate, min_calls, min_errors } = rows[0] ?? {};
  if (failures < (min_errors ?? MIN_ERRORS)) return false;
  if (2 * failures >= calls) return true;
  return calls >= (min_calls ?? MIN_CALLS) && failures > (error_rate ?? ERROR_RATE) * calls;
};

/** With more slow calls than this share, the 95th percentile is above its threshold. */
const SLOW_SHARE = 0.05;

/** True when the 95th percentile is above the tool's threshold, and not only because of a call or two. */
const isSlow = (rows: readonly RecentCalls[]): boolean => {
  const [calls, failures, slow] = [sumOf(rows, 'calls'), sumOf(rows, 'failures'), sumOf(rows, 'slow_calls')];
  const { min_calls, min_errors } = rows[0] ?? {};
  if (calls < (min_calls ?? MIN_CALLS) || slow < (min_errors ?? MIN_ERRORS)) return false;
  return slow > SLOW_SHARE * (calls - failures);
};

/** The tools that were called, those of them that fail, each with its first failure in these minutes, and the slow ones. */
export const findTroubledTools = (recent: readonly RecentCalls[]) => {
  const ofTools = recent.filter(({ kind }) => kind === 'tool');
  const called = [...new Set(ofTools.map(({ name }) => name))];
  const failing = called.flatMap((name) => {
    const rows = ofTools.filter((row) => row.name === name);
    if (!isFailing(rows)) return [];
    const [firstFailureAt = null] = rows.flatMap(({ first_failure_at }) => first_failure_at ?? []).sort();
    return [{ name, firstFailureAt }];
  });
  const slow = called.filter((name) => isSlow(ofTools.filter((row) => row.name === name)));
  return { called: called.length, failing, slow };
};

const isOfProvider = (provider: string) => (row: RecentCalls) =>
  row.kind === 'dependency' ? row.name === provider || row.provider === provider : row.provider === provider;

/** Fewer failures than this say nothing of a provider. */
const MIN_PROVIDER_FAILURES = 3;

/** How a provider is doing, by the calls that depend on it. */
export const evaluateProvider = (provider: string, recent: readonly RecentCalls[]): Finding => {
  const rows = recent.filter(isOfProvider(provider));
  const [calls, failures] = [sumOf(rows, 'calls'), sumOf(rows, 'dependency_failures')];
  if (calls === 0) return { status: 'unknown', message: `no call needed it in the last ${NOW_MINUTES} minutes` };
  const message = `${failures} of ${calls} calls failed because of it in the last ${NOW_MINUTES} minutes`;
  if (failures < MIN_PROVIDER_FAILURES || failures <= ERROR_RATE * calls) return { status: 'ok', message };
  return { status: 2 * failures >= calls ? 'unhealthy' : 'degraded', message };
};

/** The providers that recent calls name. */
export const providersIn = (recent: readonly RecentCalls[]): string[] => [
  ...new Set(recent.flatMap(({ provider }) => provider ?? [])),
];
