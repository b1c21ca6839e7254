import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../contract/durations.ts';
import { exceedsSignificantly } from '../../contract/significance.ts';
import { between, type History, SHOWN_OVER_MS, sumOf, type Verdict } from './history.ts';

/** How fast an error budget is used up, and what it takes to say so. Google's SRE workbook, chapter 5. */
export interface Pace {
  /** How many times more failures than the objective allows. */
  readonly factor: number;
  /** The long span shows that it matters, the short one that it goes on. */
  readonly longMs: number;
  readonly shortMs: number;
  /** In how many buckets of the short span calls must fail that often: a single bad minute is spent, not burning. */
  readonly badBuckets: number;
  /** For how long it is reported after it was last true, in milliseconds: by chance it is not true all the time. */
  readonly heldMs: number;
}

/**
 * The factors of the workbook are 14.4, 6 and 3. A rate that is just that is below it half of the time, so each is
 * taken a little lower.
 */
export const FAST_PACES: readonly Pace[] = [
  { factor: 14, longMs: HOUR_MS, shortMs: 15 * MINUTE_MS, badBuckets: 2, heldMs: 15 * MINUTE_MS },
  { factor: 5.5, longMs: 6 * HOUR_MS, shortMs: HOUR_MS, badBuckets: 3, heldMs: HOUR_MS },
];
export const SLOW_PACES: readonly Pace[] = [
  { factor: 2.8, longMs: DAY_MS, shortMs: 2 * HOUR_MS, badBuckets: 3, heldMs: 6 * HOUR_MS },
];

/** A span with fewer failures proves nothing. */
const MIN_ERRORS = 3;
/** How often the past is evaluated again, to know whether it was true a while ago. */
const STEP_MS = 15 * MINUTE_MS;

const burnsAt = (
  history: History,
  { factor, longMs, shortMs, badBuckets }: Pace,
  budget: number,
  at: number,
): boolean => {
  const long = between(history, at - longMs, at);
  const [calls, errors] = [sumOf(long, 'calls'), sumOf(long, 'errors')];
  if (errors < MIN_ERRORS || errors < factor * budget * calls || !exceedsSignificantly(errors, budget * calls))
    return false;
  const short = between(history, at - shortMs, at);
  const bad = short.filter((bucket) => bucket.errors >= factor * budget * bucket.calls && bucket.errors > 0);
  return (
    bad.length >= Math.min(badBuckets, short.length) &&
    sumOf(short, 'errors') >= factor * budget * sumOf(short, 'calls')
  );
};

/** Evaluates whether one name's error budget, 1 - objective, is used up at one of these paces. */
export const evaluateBurnRate = (history: History, objective: number, paces: readonly Pace[], now: number): Verdict => {
  const budget = 1 - objective;
  const wasTrueAt = (agoMs: number): boolean =>
    paces.some((pace) => agoMs <= pace.heldMs && burnsAt(history, pace, budget, now - agoMs));
  const longestHeld = Math.max(...paces.map(({ heldMs }) => heldMs));
  for (let ago = 0; ago <= longestHeld; ago += STEP_MS) if (wasTrueAt(ago)) return 'holds';
  for (let ago = longestHeld + STEP_MS; ago <= longestHeld + SHOWN_OVER_MS; ago += STEP_MS)
    if (paces.some((pace) => burnsAt(history, pace, budget, now - ago))) return 'over';
  return 'none';
};
