import { DAY_MS, MINUTE_MS } from '../../lambdas/contract/durations.ts';
import { serverNow } from '../data/server-clock.ts';

/** The longest window of calls that the api answers about. */
const MAX_MS = 7 * DAY_MS;
/** Calls of so long before and after are shown too: they say how it began and ended. */
const MARGIN_MS = 5 * MINUTE_MS;

/** The two ends of a window, as addresses have them. Without `to` it ends now. */
export interface CallWindow {
  readonly from: string;
  readonly to?: string;
}

const toIso = (ms: number): string => new Date(ms).toISOString();

/** The calls of a time and a little around it; of a time that is too long, the newest. All in milliseconds since 1970. */
export const windowAround = (began: number, ended: number | undefined, marginMs = MARGIN_MS): CallWindow => {
  const to = ended === undefined ? undefined : ended + marginMs;
  const from = Math.max(began - marginMs, (to ?? serverNow()) - MAX_MS);
  return { from: toIso(from), ...(to !== undefined && { to: toIso(to) }) };
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
