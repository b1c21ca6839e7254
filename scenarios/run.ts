import { isDeepStrictEqual } from 'node:util';
import { createDrivenClock } from '../emulator/clock.ts';
import { type Alarms, createAlarms } from '../emulator/cloudwatch/alarms.ts';
import type { MissingOperand } from '../emulator/cloudwatch/metric-math.ts';
import { createMetrics } from '../emulator/cloudwatch/metrics.ts';
import type { Place } from '../emulator/place.ts';
import { MINUTE_MS, SECOND_MS } from '../lambdas/contract/durations.ts';
import type { Topology } from '../lambdas/notify/incidents/causes.ts';
import { readChange } from '../lambdas/notify/notifications/read-notification.ts';
import { dependenciesOf } from '../lib/tools/dependencies.ts';
import { createFeeder, type Feed } from './feed.ts';
import { createNotifier, createPeople, type Page } from './recipients.ts';
import type { Scenario } from './scenario.ts';
import { type Deployment, deployAlarms, leanStacksOf } from './stacks.ts';

const PLACE: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

/** Alarms that a scenario runs against, and what they can see of it. */
export interface AlarmSet extends Pick<Feed, 'failuresAre' | 'lines'> {
  /** Who receives the alarms' notifications: a notifier, which tells people of incidents, or people themselves. */
  notifies: 'notifier' | 'people';
  /** How CloudWatch reads a missing operand of an expression, which its documents do not say. Default: `missing`. */
  missingOperand?: MissingOperand;
  deploy(handlers: Alarms['handlers'], place: Place, deployment: Deployment): Promise<unknown>;
}

/** The template's own alarms. */
export const OUR_ALARMS: AlarmSet = {
  failuresAre: 'answered',
  lines: true,
  notifies: 'notifier',
  deploy: (rules, place, { stacks }) => deployAlarms(stacks, rules, place),
};

/** The same, where CloudWatch takes a missing operand for 0. */
export const OUR_ALARMS_WITH_ZEROS: AlarmSet = { ...OUR_ALARMS, missingOperand: 'zero' };

/** The alarms of the same template with the setting `monitoring: 'lean'`. */
export const LEAN_ALARMS: AlarmSet = {
  ...OUR_ALARMS,
  deploy: (rules, place, deployment) => deployAlarms(leanStacksOf(deployment), rules, place),
};

const topologyOf = ({ tools, settings }: Deployment): Topology => ({
  tools: dependenciesOf(tools),
  windowMs: settings.alarms.periodSeconds * SECOND_MS,
});

/** Of the notifier's topics, in what their references resolve to. */
const INBOX = /Notify(Critical|Warning)/;

/** Runs a scenario once, on a driven clock. Resolves to the pages of each alarm set. */
export const runScenario = async (
  scenario: Scenario,
  deployment: Deployment,
  alarmSets: readonly AlarmSet[],
): Promise<Page[][]> => {
  const startsAt = Date.parse(scenario.starts_at);
  const clock = createDrivenClock(startsAt - scenario.before_minutes * MINUTE_MS);

  const deploySet = async ({ failuresAre, lines, notifies, missingOperand = 'missing', deploy }: AlarmSet) => {
    const pages: Page[] = [];
    const send = (content: Omit<Page, 'minute'>): void => {
      const page = { ...content, minute: Math.floor((clock.now() - startsAt) / MINUTE_MS) };
      // An alarm that notifies the topics of several severities is still one page.
      if (!isDeepStrictEqual(pages.at(-1), page)) pages.push(page);
    };
    const people = createPeople(send);
    const notifier = createNotifier(send, clock, topologyOf(deployment));
    const metrics = createMetrics(clock);
    const alarms = createAlarms({
      place: PLACE,
      clock,
      metrics,
      missingOperand,
      onTransition: () => {},
      notify: (topic, _, { message }) => {
        const change = readChange(message, '', clock.now);
        if (change === undefined || change === 'first state') return;
        const isCritical = alarms.report().find(({ name }) => name === message.AlarmName)?.severity === 'critical';
        const recipient = notifies === 'notifier' && INBOX.test(topic) ? notifier : people;
        recipient.receive({ ...change, severity: isCritical ? 'critical' : 'warning', notification: '' });
      },
    });
    await deploy(alarms.handlers, PLACE, deployment);
    alarms.start();
    const feed: Feed = { metrics, reads: alarms.findReadMetrics, failuresAre, lines };
    return { feed, pages, notifier };
  };

  const deployed: Awaited<ReturnType<typeof deploySet>>[] = [];
  for (const alarmSet of alarmSets) deployed.push(await deploySet(alarmSet));
  const feeds = deployed.map(({ feed }) => feed);
  const feedMinute = createFeeder(scenario, deployment, feeds, startsAt);
  // The last minute's data is evaluated in the minute after it.
  for (let minute = -scenario.before_minutes; minute <= scenario.minutes; minute += 1) {
    feedMinute(minute);
    await clock.advance(MINUTE_MS);
    for (const { notifier } of deployed) notifier.passMinute();
  }
  return deployed.map(({ pages }) => pages);
};
