import type { Transition } from './alarm-message.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import { drivenClock } from './clock.ts';
import { createMetrics } from './metrics.ts';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import { type Feed, feeder } from './scenario-feed.ts';
import { type Deployment, deployAlarms } from './scenario-stacks.ts';

const PLACE: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const MINUTE_MS = 60_000;

/** Somebody was told that an alarm fired, or that it is over. */
export interface Page {
  /** Its name; of an alarm that groups by tool, with a slash and the tool behind it. */
  alarm: string;
  severity: string | undefined;
  state: 'ALARM' | 'OK';
  /** Of the scenario; negative while all was well before it. */
  minute: number;
}

/** Alarms that a scenario happens before, and what they can see of it. */
export interface Watch extends Pick<Feed, 'failuresAre' | 'lines'> {
  deploy(rules: Alarms['rules'], place: Place, one: Deployment): Promise<unknown>;
}

/** The template's own alarms. */
export const ours: Watch = {
  failuresAre: 'answered',
  lines: true,
  deploy: (rules, place, { stacks }) => deployAlarms(stacks, rules, place),
};

const nameOf = ({ alarm, about }: Transition): string => [alarm, ...Object.values(about)].join('/');

/** Lets a scenario happen once, on a driven clock, and gives for each watch who was told when. */
export const pagesOf = async (one: Scenario, deployment: Deployment, watches: readonly Watch[]): Promise<Page[][]> => {
  const begin = Date.parse(one.starts_at);
  const clock = drivenClock(begin - one.before_minutes * MINUTE_MS);
  const told: Page[][] = watches.map(() => []);
  const feeds: Feed[] = [];
  for (const [index, { failuresAre, lines, deploy }] of watches.entries()) {
    const metrics = createMetrics(clock);
    let last: Transition | undefined;
    const alarms = createAlarms({
      place: PLACE,
      clock,
      metrics,
      onTransition: (transition) => {
        last = transition;
      },
      notify: () => {
        // That all is well at first is no news.
        if (!last || (last.from === 'INSUFFICIENT_DATA' && last.to === 'OK')) return;
        const minute = Math.floor((clock.now() - begin) / MINUTE_MS);
        const severity = alarms.report().find(({ name }) => name === last?.alarm)?.severity;
        told[index]?.push({ alarm: nameOf(last), severity, state: last.to === 'ALARM' ? 'ALARM' : 'OK', minute });
      },
    });
    await deploy(alarms.rules, PLACE, deployment);
    alarms.start();
    feeds.push({ metrics, reads: alarms.reads, failuresAre, lines });
  }
  const feed = feeder(one, deployment, feeds, begin);
  // What the last minute showed is judged in the one after it.
  for (let minute = -one.before_minutes; minute <= one.minutes; minute += 1) {
    feed(minute);
    await clock.advance(MINUTE_MS);
  }
  return told;
};
