import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { tools } from '../../lambdas/tools/index.ts';
import { OUR_ALARMS, runScenario } from '../../scenarios/run.ts';
import { type Scenario, scenario } from '../../scenarios/scenario.ts';
import { createDeployments } from '../../scenarios/stacks.ts';

const MINUTES_A_DAY = 1_440;
/** From one call a day to five a minute. */
const MIN_CALLS_PER_MINUTE = 1 / MINUTES_A_DAY;
const MAX_CALLS_PER_MINUTE = 5;
/** Of what a tool may fail or take, at most so much is usual. */
const USUAL_SHARE = 0.5;
const MAX_ERROR_RATE = 0.02;
const MAX_P95_MS = 2_000;
const OFFICES = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'];
const WORKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'] as const;

/** The usual traffic of one of many tools: each has another rate, and every second one the hours of an office. */
const trafficOf = (index: number, count: number) => {
  const place = count > 1 ? index / (count - 1) : 0;
  // A step of the golden ratio spreads what else varies over all rates.
  const spread = (index * 0.618_034) % 1;
  const office = { zone: OFFICES[index % OFFICES.length], days: WORKDAYS, from: '08:00', until: '18:00' };
  const p95 = MAX_P95_MS * USUAL_SHARE * (0.2 + 0.8 * spread);
  return {
    tool: `tool_${index + 1}`,
    calls_per_minute: MIN_CALLS_PER_MINUTE * (MAX_CALLS_PER_MINUTE / MIN_CALLS_PER_MINUTE) ** place,
    ms: p95 / 4,
    p95_ms: p95,
    failures: [
      { share: MAX_ERROR_RATE * USUAL_SHARE * spread, code: 'UPSTREAM_ERROR' },
      { share: 0.1 * spread, code: 'INVALID_INPUT' },
    ],
    ...(index % 2 === 1 && { local_time: office }),
  };
};

/** Ordinary days of many tools that stay within their limits, from a day on. */
const ordinaryDays = (count: number, firstDay: number, days: number): Scenario => ({
  // The format allows no more than a week.
  ...scenario.parse({
    title: 'ordinary days',
    starts_at: new Date(Date.UTC(2026, 5, 1) + firstDay * DAY_MS).toISOString(),
    minutes: 1,
    before_minutes: MINUTES_A_DAY,
    seed: firstDay + 1,
    more_tools: count,
    traffic: Array.from({ length: count }, (_, index) => trafficOf(index, count)),
  }),
  minutes: days * MINUTES_A_DAY,
});

/** Simulates days, in a process of its own, and prints the pages that people would have had as JSON. */
const [count, firstDay, days] = process.argv.slice(2).map(Number) as [number, number, number];
const settings = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')).toolwatch;
const simulated = ordinaryDays(count, firstDay, days);
const [pages] = await runScenario(simulated, createDeployments(settings, tools)(simulated), [OUR_ALARMS]);
console.log(JSON.stringify(pages));
