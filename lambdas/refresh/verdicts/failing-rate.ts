import { DAY_MS, HOUR_MS } from '../../contract/durations.ts';
import { type Bucket, type History, SHOWN_OVER_MS, type Verdict } from './history.ts';

/**
 * Whether a tool fails more often than it may, from each call: however rarely it is called, and however little it is
 * above its limit.
 *
 * Page's cumulative sum. Each failure adds ln(p1 / p0), each success ln((1 - p1) / (1 - p0)), never below zero, where p0
 * is the rate that is allowed and p1 a higher one. A tool that fails exactly as often as it may reaches the limit h after
 * `excursion` * e^h calls on average, see there, so h = ln(how many calls a false alarm may happen in / excursion). Four
 * rates p1 share the allowance: a little too much, twice and more, much too much, nearly all.
 */

/** A false warning may happen once in this time, in milliseconds: a quarter. */
const FALSE_WARNING_MS = 91 * DAY_MS;
/** The least number of calls in it: a limit for fewer would be reached by two failures. */
const MIN_CALLS = 500;

/** At most this share of the limit comes from one bucket: a burst of failures is one event, not many. */
const MAX_AT_ONCE = 1 / 3;

/**
 * It is over when what follows is e^5, about 150, times as probable at the allowed rate as at the rate while it failed.
 */
const PROVEN = 5;
/** Without calls for this long, in milliseconds, or for twenty times its usual pause, nothing can prove that it is over. */
const QUIET_MS = 6 * HOUR_MS;
const QUIET_PAUSES = 20;

/** The higher rates that an allowed rate is compared with. */
const alternativesTo = (allowedRate: number): number[] => [
  Math.min(1.5 * allowedRate, (1 + allowedRate) / 2),
  Math.min(2.5 * allowedRate, (2 + allowedRate) / 3),
  Math.min(Math.max(5 * allowedRate, 0.3), (1 + 2 * allowedRate) / 3),
  Math.max(0.97, (1 + allowedRate) / 2),
];

const callsInAQuarter = (history: History, now: number): number => {
  const [first] = history;
  if (!first) return MIN_CALLS;
  const calls = history.reduce((sum, bucket) => sum + bucket.calls, 0);
  return Math.max(MIN_CALLS, (calls * FALSE_WARNING_MS) / Math.max(HOUR_MS, now - first.at));
};

/**
 * How many calls a sum takes on average from zero to zero at the allowed rate, for each call of which it can pass e^h with
 * a probability of e^-h: at least so many times e^h calls pass until a false alarm. Lorden's inequality, which knows
 * nothing of the distribution, has 1 in its place; this is larger by far where the two rates are close.
 *
 * exp(sum) is a martingale at p0. So a sum that a failure raised to ln(p1 / p0) passes h, before it is back at zero or one
 * success below, with a probability of at most (p1 / p0 - (1 - p1) / (1 - p0)) / e^h; and by Wald's equation it is back
 * after ln(p1 / p0) / |drift| calls.
 */
function excursionOf(allowedRate: number, rate: number): number {
  const up = Math.log(rate / allowedRate);
  const down = Math.log((1 - rate) / (1 - allowedRate));
  const drift = allowedRate * up + (1 - allowedRate) * down;
  return (1 + (allowedRate * up) / -drift) / (rate - (allowedRate * (1 - rate)) / (1 - allowedRate));
}

interface Sums {
  /** Of each alternative. */
  evidence: number[];
  /** Calls and errors since the evidence of the incident's rate was last zero. */
  calls: number;
  errors: number;
}

const NO_EVIDENCE = (count: number): Sums => ({ evidence: Array<number>(count).fill(0), calls: 0, errors: 0 });

const logRatio = ({ calls, errors }: Pick<Bucket, 'calls' | 'errors'>, rate: number, other: number): number =>
  errors * Math.log(rate / other) + (calls - errors) * Math.log((1 - rate) / (1 - other));

/** Evaluates the history of one name: `allowedRate` is the share of calls that may fail, above 0. */
export const evaluateFailingRate = (history: History, allowedRate: number, now: number): Verdict => {
  const rates = alternativesTo(allowedRate);
  const callsPerQuarter = callsInAQuarter(history, now);
  const limits = rates.map((rate) =>
    Math.log((rates.length * callsPerQuarter) / Math.max(1, excursionOf(allowedRate, rate))),
  );
  const usualPauseMs = FALSE_WARNING_MS / callsPerQuarter;
  let sums = NO_EVIDENCE(rates.length);
  let proof: number | undefined;
  let overAt: number | undefined;
  let lastAt = 0;
  for (const bucket of history) {
    if (bucket.calls === 0) continue;
    lastAt = bucket.at + bucket.ms;
    if (proof === undefined) {
      sums = add(sums, bucket, { rates, allowedRate, limits });
      if (sums.evidence.some((evidence, index) => evidence >= (limits[index] ?? 0))) proof = 0;
      continue;
    }
    const during = Math.min(0.95, Math.max(sums.errors / sums.calls, rates[0] ?? 1));
    if (bucket.errors > 0) sums = { ...sums, calls: sums.calls + bucket.calls, errors: sums.errors + bucket.errors };
    proof = Math.max(0, proof + logRatio(bucket, allowedRate, during));
    if (proof < PROVEN) continue;
    overAt = lastAt;
    proof = undefined;
    sums = NO_EVIDENCE(rates.length);
  }
  if (proof === undefined) return overAt !== undefined && now - overAt < SHOWN_OVER_MS ? 'over' : 'none';
  return now - lastAt > Math.max(QUIET_MS, QUIET_PAUSES * usualPauseMs) ? 'none' : 'holds';
};

interface Test {
  rates: readonly number[];
  allowedRate: number;
  /** Of each rate, where its evidence is enough. */
  limits: readonly number[];
}

function add({ evidence, calls, errors }: Sums, bucket: Bucket, { rates, allowedRate, limits }: Test): Sums {
  const next = evidence.map((sum, index) => {
    const most = MAX_AT_ONCE * (limits[index] ?? 0);
    return Math.max(0, sum + Math.min(most, logRatio(bucket, rates[index] ?? allowedRate, allowedRate)));
  });
  if (next.every((sum) => sum === 0)) return NO_EVIDENCE(rates.length);
  return { evidence: next, calls: calls + bucket.calls, errors: errors + bucket.errors };
}
