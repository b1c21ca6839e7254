import { countFalseAlarms, measureDetection } from './alarms/simulation.ts';
import { checkLimits, printTable } from './table.ts';

const ALLOWED_RATES = [0.02, 0.1];
/** From one call a day to a thousand a minute. */
const CALLS_PER_HOUR = [1 / 24, 1, 6, 60, 600, 6_000, 60_000];
/** How many times more failures than may be; the last is that all calls fail. */
const FACTORS = [1.5, 2, 5, 10, Number.POSITIVE_INFINITY];
const DAYS = 365;
const RUNS = 9;
/** A tool's false pages and false warnings a year. */
const MAX_PAGES = 1;
const MAX_WARNINGS = 4;

const formatMinutes = (minutes: number | undefined): string => {
  if (minutes === undefined) return 'over 3 days';
  return minutes < 180 ? `${minutes} min` : `${+(minutes / 60).toFixed(1)} h`;
};

/**
 * Simulates a tool's two alarms on failures: how often a tool that fails exactly as often as it may fires them in a
 * year, and how long it takes until the first of them is on when it fails more often. Without the notifier's wait.
 */
export const run = async (): Promise<boolean> => {
  const rows = ALLOWED_RATES.flatMap((allowedRate) =>
    CALLS_PER_HOUR.map((callsPerHour) => {
      const tool = { allowedRate, callsPerHour, seed: 1 };
      const falseAlarms = countFalseAlarms(tool, DAYS);
      const detection = FACTORS.map((factor) => measureDetection(tool, Math.min(1, factor * allowedRate), RUNS));
      console.error(`simulated ${allowedRate * 100} % at ${+callsPerHour.toFixed(2)} calls an hour`);
      return { allowedRate, callsPerHour, falseAlarms, detection };
    }),
  );
  printTable(
    rows.map(({ allowedRate, callsPerHour, falseAlarms, detection }) => ({
      'may fail': `${allowedRate * 100} %`,
      'calls an hour': +callsPerHour.toFixed(2),
      'false pages a year': +falseAlarms.failing.toFixed(2),
      'false warnings a year': +falseAlarms.trickle.toFixed(2),
      ...Object.fromEntries(
        FACTORS.map((factor, index) => [
          Number.isFinite(factor) ? `at ${factor}×` : 'all fail',
          formatMinutes(detection[index]),
        ]),
      ),
    })),
  );
  return checkLimits([
    {
      what: 'false pages of a tool in a year',
      measured: Math.max(...rows.map(({ falseAlarms }) => falseAlarms.failing)),
      atMost: MAX_PAGES,
    },
    {
      what: 'false warnings of a tool in a year',
      measured: Math.max(...rows.map(({ falseAlarms }) => falseAlarms.trickle)),
      atMost: MAX_WARNINGS,
    },
  ]);
};
