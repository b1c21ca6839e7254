import { parseMath } from '../../emulator/cloudwatch/metric-math.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lambdas/contract/durations.ts';
import { MIN_CALLS, MIN_ERRORS } from '../../lambdas/contract/tool-facts.ts';
import { evaluateFailingRate } from '../../lambdas/refresh/verdicts/failing-rate.ts';
import { failsTooOften } from '../../lib/alarms/failing.ts';
import { createStoreHistory } from '../../scenarios/store-history.ts';
import { createRandom } from '../statistics/random.ts';
import { drawPoisson } from './poisson.ts';

const WINDOW_MS = 5 * MINUTE_MS;
const WINDOWS_AN_HOUR = HOUR_MS / WINDOW_MS;
/** Two of the last three windows. */
const BAD_WINDOWS = 2;
const WINDOWS = 3;

export interface SimulatedTool {
  /** The share of calls that may fail. */
  allowedRate: number;
  callsPerHour: number;
  seed: number;
}

/** The condition of the alarm of five minutes, as it is in the template. */
const createFailing = (allowedRate: number) => {
  const limits = { minCalls: MIN_CALLS, minErrors: MIN_ERRORS, rate: allowedRate };
  const condition = parseMath(failsTooOften({ calls: 'calls', errors: 'errors', ...limits }));
  return (calls: number, errors: number): boolean =>
    condition({ series: (id) => (id === 'calls' ? calls : errors), periods: [] }) === 1;
};

/** The calls of a tool, window by window, and what its two alarms on failures say of them. */
const simulateTool = ({ allowedRate, callsPerHour, seed }: SimulatedTool) => {
  const random = createRandom(seed);
  const isBad = createFailing(allowedRate);
  let lastBad: boolean[] = [];
  let history = createStoreHistory();
  let at = 0;

  return {
    /** Simulates a window in which calls fail at this rate. Whether each alarm is on after it. */
    pass: (rate: number, { evaluates = true } = {}): { failing: boolean; trickle: boolean } => {
      const errors = drawPoisson(random, (callsPerHour / WINDOWS_AN_HOUR) * rate);
      const calls = errors + drawPoisson(random, (callsPerHour / WINDOWS_AN_HOUR) * (1 - rate));
      if (calls > 0) history.add(at, { calls, errors, allCalls: calls });
      at += WINDOW_MS;
      lastBad = [...lastBad, isBad(calls, errors)].slice(-WINDOWS);
      return {
        failing: lastBad.filter(Boolean).length >= BAD_WINDOWS,
        trickle: evaluates && evaluateFailingRate(history.read(at), allowedRate, at) === 'holds',
      };
    },
    /** Forgets what was wrong, so that the next false alarm is another one. */
    reset: (): void => {
      history = createStoreHistory();
      lastBad = [];
    },
  };
};

/** How many false alarms a tool has in a year that fails exactly as often as it may; measured over these days. */
export const countFalseAlarms = (tool: SimulatedTool, days: number): { failing: number; trickle: number } => {
  const simulated = simulateTool(tool);
  const counts = { failing: 0, trickle: 0 };
  let was = { failing: false, trickle: false };
  for (let window = 0; window < (days * DAY_MS) / WINDOW_MS; window += 1) {
    // Refresh evaluates each window; every third is enough to count what holds for hours.
    const now = simulated.pass(tool.allowedRate, { evaluates: window % 3 === 0 });
    if (now.failing && !was.failing) counts.failing += 1;
    if (now.trickle) {
      counts.trickle += 1;
      simulated.reset();
    }
    was = now;
  }
  return { failing: (counts.failing * 365) / days, trickle: (counts.trickle * 365) / days };
};

/**
 * How long after a tool begins to fail at `rate` the first of its alarms is on, in minutes: the median of several runs.
 * `undefined` when most of them last more than three days.
 */
export const measureDetection = (tool: SimulatedTool, rate: number, runs: number): number | undefined => {
  const minutes = Array.from({ length: runs }, (_, run) => {
    const simulated = simulateTool({ ...tool, seed: tool.seed + run });
    for (let window = 0; window < (3 * DAY_MS) / WINDOW_MS; window += 1)
      simulated.pass(tool.allowedRate / 2, { evaluates: false });
    for (let window = 1; window <= (3 * DAY_MS) / WINDOW_MS; window += 1) {
      const { failing, trickle } = simulated.pass(rate);
      if (failing || trickle) return (window * WINDOW_MS) / MINUTE_MS;
    }
    return Number.POSITIVE_INFINITY;
  }).sort((a, b) => a - b);
  const median = minutes[Math.floor(runs / 2)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(median) ? median : undefined;
};
