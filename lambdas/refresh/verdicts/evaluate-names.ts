import { evaluateBurnRate, FAST_PACES, SLOW_PACES } from './burn-rate.ts';
import { evaluateCallVolume } from './call-volume.ts';
import { evaluateFailingRate } from './failing-rate.ts';
import type { History, Verdict } from './history.ts';

export type { Verdict };

/** What is allowed to the calls under one name. */
export interface Limits {
  /** The share of its calls that may fail, 0 to 1. */
  readonly errorRate: number;
  /** The share that should succeed, where it states one. */
  readonly objective?: number | undefined;
}

/** What is evaluated of every name under which calls are counted. */
export const CONDITIONS = ['trickle', 'burningFast', 'burningSlowly', 'callsVanished'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** That nothing may fail cannot be tested; it is taken as one in a thousand. */
const MIN_RATE = 0.001;

/** Evaluates the calls under one name. Pure: the same history and time give the same verdicts. */
export const evaluateName = (
  history: History,
  { errorRate, objective }: Limits,
  now: number,
): Record<Condition, Verdict> => ({
  trickle: evaluateFailingRate(history, Math.min(0.99, Math.max(MIN_RATE, errorRate)), now),
  burningFast: objective === undefined ? 'none' : evaluateBurnRate(history, objective, FAST_PACES, now),
  burningSlowly: objective === undefined ? 'none' : evaluateBurnRate(history, objective, SLOW_PACES, now),
  callsVanished: evaluateCallVolume(history, now),
});
