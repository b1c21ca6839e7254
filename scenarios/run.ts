import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { createDrivenClock } from '../emulator/clock.ts';
import { type Alarms, createAlarms } from '../emulator/cloudwatch/alarms.ts';
import { createMetrics } from '../emulator/cloudwatch/metrics.ts';
import type { Place } from '../emulator/place.ts';
import { MINUTE_MS } from '../lambdas/contract/durations.ts';
import { createFeeder, type Feed } from './feed.ts';
import type { Scenario } from './scenario.ts';
import { type Deployment, deployAlarms, leanStacksOf } from './stacks.ts';

const PLACE: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

/** A notification that an alarm fired, or that it is over. */
export interface Page {
  /** The alarm's name; if the alarm groups by tool, followed by a slash and the tool. */
  alarm: string;
  severity: string | undefined;
  state: 'ALARM' | 'OK';
  /** The scenario's minute; negative in the time before it. */
  minute: number;
}

/** Alarms that a scenario runs against, and what they can see of it. */
export interface AlarmSet extends Pick<Feed, 'failuresAre' | 'lines'> {
  deploy(handlers: Alarms['handlers'], place: Place, deployment: Deployment): Promise<unknown>;
}

/** The template's own alarms. */
export const OUR_ALARMS: AlarmSet = {
  failuresAre: 'answered',
  lines: true,
  deploy: (rules, place, { stacks }) => deployAlarms(stacks, rules, place),
};

/** The alarms of the same template with the setting `monitoring: 'lean'`. */
export const LEAN_ALARMS: AlarmSet = {
  ...OUR_ALARMS,
  deploy: (rules, place, deployment) => deployAlarms(leanStacksOf(deployment), rules, place),
};

/**
 * What a notification says. It may be sent long after the alarm changed, so the alarm's present state does not serve.
 */
const notification = z.object({
  AlarmName: z.string(),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  OldStateValue: z.string(),
  AlarmContributorAttributes: z.record(z.string(), z.string()).default({}),
});

/** The page of a notification, without severity and minute; `undefined` for an alarm's first state when that is OK. */
const readPage = (message: unknown): { name: string; alarm: string; state: Page['state'] } | undefined => {
  const { AlarmName, NewStateValue, OldStateValue, AlarmContributorAttributes } = notification.parse(message);
  if (OldStateValue === 'INSUFFICIENT_DATA' && NewStateValue === 'OK') return undefined;
  const alarm = [AlarmName, ...Object.values(AlarmContributorAttributes)].join('/');
  return { name: AlarmName, alarm, state: NewStateValue === 'ALARM' ? 'ALARM' : 'OK' };
};

/** Runs a scenario once, on a driven clock. Resolves to the pages of each alarm set. */
export const runScenario = async (
  scenario: Scenario,
  deployment: Deployment,
  alarmSets: readonly AlarmSet[],
): Promise<Page[][]> => {
  const startsAt = Date.parse(scenario.starts_at);
  const clock = createDrivenClock(startsAt - scenario.before_minutes * MINUTE_MS);

  const deploySet = async ({ failuresAre, lines, deploy }: AlarmSet): Promise<{ feed: Feed; pages: Page[] }> => {
    const pages: Page[] = [];
    const metrics = createMetrics(clock);
    const alarms = createAlarms({
      place: PLACE,
      clock,
      metrics,
      onTransition: () => {},
      notify: (_, __, { message }) => {
        const read = readPage(message);
        if (!read) return;
        const { name, alarm, state } = read;
        const severity = alarms.report().find((reported) => reported.name === name)?.severity;
        const minute = Math.floor((clock.now() - startsAt) / MINUTE_MS);
        const page: Page = { alarm, severity, state, minute };
        // An alarm that notifies the topics of several severities is still one page.
        if (!isDeepStrictEqual(pages.at(-1), page)) pages.push(page);
      },
    });
    await deploy(alarms.handlers, PLACE, deployment);
    alarms.start();
    return { feed: { metrics, reads: alarms.findReadMetrics, failuresAre, lines }, pages };
  };

  const deployed: Awaited<ReturnType<typeof deploySet>>[] = [];
  for (const alarmSet of alarmSets) deployed.push(await deploySet(alarmSet));
  const feeds = deployed.map(({ feed }) => feed);
  const feedMinute = createFeeder(scenario, deployment, feeds, startsAt);
  // The last minute's data is evaluated in the minute after it.
  for (let minute = -scenario.before_minutes; minute <= scenario.minutes; minute += 1) {
    feedMinute(minute);
    await clock.advance(MINUTE_MS);
  }
  return deployed.map(({ pages }) => pages);
};
