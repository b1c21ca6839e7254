import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type Clock, createDrivenClock } from '../emulator/clock.ts';
import { type Alarms, createAlarms } from '../emulator/cloudwatch/alarms.ts';
import { createMetrics } from '../emulator/cloudwatch/metrics.ts';
import type { Place } from '../emulator/place.ts';
import { MINUTE_MS } from '../lambdas/contract/durations.ts';
import type { Severity } from '../lambdas/contract/severity.ts';
import type { Topology } from '../lambdas/notify/incidents/causes.ts';
import type { StateChange } from '../lambdas/notify/incidents/incident.ts';
import { NO_INCIDENTS, updateIncidents } from '../lambdas/notify/incidents/update-incidents.ts';
import { topologyOf } from '../lib/tools/topology.ts';
import { createFeeder, type Feed } from './feed.ts';
import type { Scenario } from './scenario.ts';
import { type Deployment, deployAlarms, leanStacksOf } from './stacks.ts';

const PLACE: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

/** What a person receives: that something is wrong, or that it is over. */
export interface Page {
  /** The alarm that it is about; if that groups by tool and no notifier names it, followed by a slash and the tool. */
  alarm: string;
  severity: string | undefined;
  state: 'ALARM' | 'OK';
  /** The scenario's minute; negative in the time before it. */
  minute: number;
}

/** Alarms that a scenario runs against, and what they can see of it. */
export interface AlarmSet extends Pick<Feed, 'failuresAre' | 'lines'> {
  /** Who receives the alarms' notifications: a notifier, which tells people of incidents, or people themselves. */
  notifies: 'notifier' | 'people';
  deploy(handlers: Alarms['handlers'], place: Place, deployment: Deployment): Promise<unknown>;
}

/** The template's own alarms. */
export const OUR_ALARMS: AlarmSet = {
  failuresAre: 'answered',
  lines: true,
  notifies: 'notifier',
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
  NewStateReason: z.string(),
  OldStateValue: z.string(),
  AlarmContributorAttributes: z.record(z.string(), z.string()).default({}),
});

/** The state change that a notification tells; `undefined` for an alarm's first state when that is OK. */
const readChange = (message: unknown, at: number, severityOf: (name: string) => Severity): StateChange | undefined => {
  const read = notification.parse(message);
  const { AlarmName: name, NewStateValue, OldStateValue, AlarmContributorAttributes } = read;
  if (OldStateValue === 'INSUFFICIENT_DATA' && NewStateValue === 'OK') return undefined;
  return {
    alarm: [name, ...Object.values(AlarmContributorAttributes)].join('/'),
    severity: severityOf(name),
    state: NewStateValue === 'ALARM' ? 'ALARM' : 'OK',
    at,
    withoutData: read.NewStateReason.includes('no datapoints were received'),
    notification: '',
  };
};

/** Tells people of each change itself. */
const tellChanges = (tell: (page: Omit<Page, 'minute'>) => void) => ({
  receive: ({ alarm, severity, state }: StateChange) => tell({ alarm, severity, state }),
  passMinute: () => {},
});

/** Tells people of incidents, as the notifier does. */
const tellIncidents = (tell: (page: Omit<Page, 'minute'>) => void, clock: Clock, topology: Topology) => {
  let known = NO_INCIDENTS;
  const evaluate = (changes: readonly StateChange[]): void => {
    const { incidents, messages } = updateIncidents(known, changes, clock.now(), topology);
    known = incidents;
    for (const { alarm, severity, kind } of messages)
      tell({ alarm, severity, state: kind === 'over' || kind === 'quiet' ? 'OK' : 'ALARM' });
  };
  return { receive: (change: StateChange) => evaluate([change]), passMinute: () => evaluate([]) };
};

/** Runs a scenario once, on a driven clock. Resolves to the pages of each alarm set. */
export const runScenario = async (
  scenario: Scenario,
  deployment: Deployment,
  alarmSets: readonly AlarmSet[],
): Promise<Page[][]> => {
  const startsAt = Date.parse(scenario.starts_at);
  const clock = createDrivenClock(startsAt - scenario.before_minutes * MINUTE_MS);

  const deploySet = async ({ failuresAre, lines, notifies, deploy }: AlarmSet) => {
    const pages: Page[] = [];
    const tell = (reported: Omit<Page, 'minute'>): void => {
      const page = { ...reported, minute: Math.floor((clock.now() - startsAt) / MINUTE_MS) };
      // An alarm that notifies the topics of several severities is still one page.
      if (!isDeepStrictEqual(pages.at(-1), page)) pages.push(page);
    };
    const recipient =
      notifies === 'people' ? tellChanges(tell) : tellIncidents(tell, clock, topologyOf(deployment.tools));
    const metrics = createMetrics(clock);
    const alarms = createAlarms({
      place: PLACE,
      clock,
      metrics,
      onTransition: () => {},
      notify: (_, __, { message }) => {
        const severityOf = (name: string) =>
          alarms.report().find((alarm) => alarm.name === name)?.severity === 'critical' ? 'critical' : 'warning';
        const change = readChange(message, clock.now(), severityOf);
        if (change) recipient.receive(change);
      },
    });
    await deploy(alarms.handlers, PLACE, deployment);
    alarms.start();
    const feed: Feed = { metrics, reads: alarms.findReadMetrics, failuresAre, lines };
    return { feed, pages, recipient };
  };

  const deployed: Awaited<ReturnType<typeof deploySet>>[] = [];
  for (const alarmSet of alarmSets) deployed.push(await deploySet(alarmSet));
  const feeds = deployed.map(({ feed }) => feed);
  const feedMinute = createFeeder(scenario, deployment, feeds, startsAt);
  // The last minute's data is evaluated in the minute after it.
  for (let minute = -scenario.before_minutes; minute <= scenario.minutes; minute += 1) {
    feedMinute(minute);
    await clock.advance(MINUTE_MS);
    for (const { recipient } of deployed) recipient.passMinute();
  }
  return deployed.map(({ pages }) => pages);
};
