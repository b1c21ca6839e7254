import { MAX_WINDOW_MINUTES } from '../../lambdas/contract/answer-limits.ts';
import { DAY_MS, MINUTE_MS } from '../../lambdas/contract/durations.ts';
import type { PageParameters } from '../../lambdas/contract/page-address.ts';

/** The longest window of calls that the api answers about, in milliseconds. */
const MAX_MS = MAX_WINDOW_MINUTES * MINUTE_MS;
/** A window that is shorter grows with the time: for a day at least, whoever follows or reloads the link is answered. */
const MAX_OPEN_MS = MAX_MS - DAY_MS;
/** Calls of so long before and after are shown too: they say how it began and ended. */
const MARGIN_MS = 5 * MINUTE_MS;

/** The two ends of a window, as addresses have them. Without `to` it ends now. */
export interface CallWindow {
  readonly from: string;
  readonly to?: string;
}

const toIso = (ms: number): string => new Date(ms).toISOString();

/** The calls of a time and a little around it; of a time that is too long, the newest. All in milliseconds since 1970. */
export const windowAround = (began: number, ended: number, marginMs = MARGIN_MS): CallWindow => {
  const to = ended + marginMs;
  return { from: toIso(Math.max(began - marginMs, to - MAX_MS)), to: toIso(to) };
};

/**
 * The calls since a little before something began that goes on. Where that is long ago, those until `now`, and of what is
 * too long the newest: without an end the window would soon be too long. All in milliseconds since 1970.
 */
export const windowSince = (began: number, now: number): CallWindow => {
  const from = began - MARGIN_MS;
  return now - from < MAX_OPEN_MS
    ? { from: toIso(from) }
    : { from: toIso(Math.max(from, now - MAX_MS)), to: toIso(now) };
};

/** The calls of a week that ends a little after one of them. */
export const weekUntil = (startedAt: string): CallWindow => {
  const started = Date.parse(startedAt);
  return windowAround(started - MAX_MS, started);
};

/** The calls of a day before and after a call: its thread and its session are among them. */
export const dayAround = (startedAt: string): CallWindow => {
  const started = Date.parse(startedAt);
  return windowAround(started, started, DAY_MS);
};

/** The window that an address states, which goes along to what is in it. */
export const windowIn = ({ minutes, from, to }: PageParameters): PageParameters => ({ minutes, from, to });
