import { join } from 'node:path';
import { DIGEST_LIMITS } from '../lambdas/notify/digests/ways.ts';
import { startAlerts } from './notify/alerts.ts';
import { measureColdStart } from './notify/cold-start.ts';
import { checkLimits, printTable } from './table.ts';

const root = join(import.meta.dirname, '..');
const CALLS = 50_000;
const TOOLS = 60;
/** Of each kind of measurement, each about another tool. */
const ROUNDS = 20;
/** So many incidents have messages of their own. */
const ALONE = DIGEST_LIMITS.incidents;
const ALARMS_OF_ONE_CAUSE = 1_000;
const CAUSES = 1_000;
/** Of a channel, about so many causes: those of their own, and a digest as it begins and grows. */
const MAX_ABOUT_CAUSES = ALONE + 5;
const LIMIT_SECONDS = 120;

type Alerts = Awaited<ReturnType<typeof startAlerts>>;

const nameOf = (number: number): string => `tool_${String(number).padStart(3, '0')}_lookup`;

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.ceil(share * values.length) - 1] ?? Number.NaN;

/** Seconds from an alarm's change until the last channel shows it, of one tool after another. */
const measureDeliveries = async (alerts: Alerts, firstTool: number): Promise<number[]> => {
  const seconds: number[] = [];
  for (let tool = firstTool; tool < firstTool + ROUNDS; tool += 1) {
    if ((tool - firstTool) % ALONE === 0) await alerts.forgetIncidents();
    await alerts.publish([{ alarm: `tool/${nameOf(tool)}/failing`, state: 'ALARM' }]);
    seconds.push(await alerts.waitUntilShown(new RegExp(nameOf(tool)), LIMIT_SECONDS));
  }
  return seconds;
};

/** Resolves when the notifier has read everything, to the seconds that took. */
const waitUntilRead = async (alerts: Alerts): Promise<number> => {
  const from = performance.now();
  while (alerts.countWaiting() > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  return (performance.now() - from) / 1_000;
};

/** Many alarms about one tool at once: how many of them the notifier reads a second, and how many messages follow. */
const measureOneCause = async (alerts: Alerts, tool: string) => {
  await alerts.forgetIncidents();
  const alarms = Array.from({ length: ALARMS_OF_ONE_CAUSE }, (_, number) => `tool/${tool}/condition-${number}`);
  const from = performance.now();
  await alerts.publish(alarms.map((alarm) => ({ alarm, state: 'ALARM' as const })));
  await waitUntilRead(alerts);
  const perSecond = (1_000 * ALARMS_OF_ONE_CAUSE) / (performance.now() - from);
  await alerts.waitUntilShown(new RegExp(tool), LIMIT_SECONDS);
  return { perSecond, messages: Math.max(...alerts.countShown(new RegExp(tool))) };
};

/** Alarms of as many causes at once: the seconds until the last channel shows a digest, and the messages of a channel. */
const measureCauses = async (alerts: Alerts) => {
  await alerts.forgetIncidents();
  const alarms = Array.from({ length: CAUSES }, (_, number) => `tool/storm_${number}/failing`);
  await alerts.publish(alarms.map((alarm) => ({ alarm, state: 'ALARM' as const })));
  const seconds = await alerts.waitUntilShown(/^\S* ?Too many incidents/, LIMIT_SECONDS);
  await waitUntilRead(alerts);
  return { seconds, messages: Math.max(...alerts.countShown(/storm_|incidents for a message each/)) };
};

const rowOf = (what: string, seconds: readonly number[]) => ({
  what,
  'median, s': percentile(seconds, 0.5),
  'p95, s': percentile(seconds, 0.95),
  'longest, s': Math.max(...seconds),
});

/**
 * Measures how long an alarm takes to every channel, with the store and while it does not answer; how many
 * notifications the notifier reads; and what starting it costs.
 */
export const run = async (): Promise<boolean> => {
  const coldStartMs = await measureColdStart(root);
  const alerts = await startAlerts(root, { calls: CALLS, tools: TOOLS });
  try {
    // The first one starts the functions.
    await alerts.publish([{ alarm: `tool/${nameOf(0)}/failing`, state: 'ALARM' }]);
    const first = await alerts.waitUntilShown(new RegExp(nameOf(0)), LIMIT_SECONDS);
    const withStore = await measureDeliveries(alerts, 1);
    const oneCause = await measureOneCause(alerts, nameOf(TOOLS - 1));
    const causes = await measureCauses(alerts);
    await alerts.forgetIncidents();
    const letGoOn = await alerts.hangDatabase();
    const withoutStore = await measureDeliveries(alerts, 1 + ROUNDS).finally(letGoOn);
    printTable([
      rowOf('from an alarm to the last of eight channels', withStore),
      rowOf('the same while the database does not answer', withoutStore),
      rowOf('the first, which starts every function', [first]),
      rowOf(`from ${CAUSES} causes to a digest in the last channel`, [causes.seconds]),
    ]);
    console.log(`\n${oneCause.perSecond.toFixed(0)} notifications a second, when ${ALARMS_OF_ONE_CAUSE} come at once`);
    return checkLimits([
      { what: 'p95 to the last channel, seconds', measured: percentile(withStore, 0.95), atMost: 5 },
      { what: 'p95 without the database, seconds', measured: percentile(withoutStore, 0.95), atMost: 8 },
      { what: 'messages a channel about 1,000 alarms of one cause', measured: oneCause.messages, atMost: 1 },
      { what: `messages a channel about ${CAUSES} causes`, measured: causes.messages, atMost: MAX_ABOUT_CAUSES },
      { what: 'CPU of the notifier’s start, ms', measured: coldStartMs, atMost: 150 },
    ]);
  } finally {
    await alerts.stop();
  }
};
