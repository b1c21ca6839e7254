import * as z from 'zod';
import { DAY_MS } from '../durations.ts';
import { type Finding, HEALTH } from './status.ts';

/** What the functions that check and the api, which reports, agree on. */

/** A check that the api expects results of: without a recent one it is `unknown`. */
const expectedCheck = z.object({
  name: z.string(),
  type: z.string(),
  critical: z.boolean(),
  /** How many minutes a result holds. */
  minutes: z.int(),
});
export type ExpectedCheck = z.infer<typeof expectedCheck>;

/** What /health reports beside the store: the providers that tools depend on, and the checks. */
export const expectedComponents = z.object({ providers: z.array(z.string()), checks: z.array(expectedCheck) });
export type ExpectedComponents = z.infer<typeof expectedComponents>;

/** What a check's line carries as `metadata` beside its outcome. All of it can be read by anyone who may read /health. */
export const probeMetadata = z.object({
  status: z.enum(HEALTH).optional(),
  message: z.string().optional(),
  /** The outside host that was checked. */
  domain: z.string().optional(),
  /** What a check says of itself that no setting declares. */
  type: z.string().max(64).optional(),
  critical: z.boolean().optional(),
});
export type ProbeMetadata = z.infer<typeof probeMetadata>;

/** From how many days before its end on something that expires is `degraded`, where nothing else is said. */
export const WARN_DAYS = 14;

/** How something that expires is doing: a certificate, or a credential that must be renewed. */
export const evaluateExpiry = (until: number, now: number, warnDays: number): Finding => {
  const days = Math.floor((until - now) / DAY_MS);
  const date = new Date(until).toISOString().slice(0, 10);
  if (until <= now) return { status: 'unhealthy', message: `expired on ${date}` };
  return { status: days < warnDays ? 'degraded' : 'ok', message: `${days} days left, until ${date}` };
};
