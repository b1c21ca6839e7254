import { MINUTE_MS } from '../../lambdas/contract/durations.ts';
import type { TrendPoint } from '../../lambdas/contract/reports.ts';

/** A time in which a tool was failing, in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What is counted in a step that a span may be made of. */
export type CountedStep = Pick<TrendPoint, 'at' | 'minutes' | 'calls' | 'failures'>;

/** A step in which so many of the calls fail belongs to a span; fewer are what tools are allowed by default. */
const MIN_SHARE = 0.05;
/** A good step, or one without calls, does not end a span when the next bad one is so near. */
const MAX_GAP_MS = 15 * MINUTE_MS;

const isBad = ({ calls, failures }: CountedStep): boolean => failures > 0 && failures > MIN_SHARE * calls;

/** The last time until `now` in which many calls failed, to the width of a step; undefined when none did. */
export const findFailingSpan = (points: readonly CountedStep[], now: number): Span | undefined =>
  points
    .filter(isBad)
    // The step at hand is not over.
    .map(({ at, minutes }) => ({ from: Date.parse(at), until: Math.min(now, Date.parse(at) + minutes * MINUTE_MS) }))
    .sort((a, b) => a.from - b.from)
    .reduce<Span | undefined>(
      (span, step) =>
        span && step.from - span.until <= MAX_GAP_MS ? { from: span.from, until: step.until } : { ...step },
      undefined,
    );
