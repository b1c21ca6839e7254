import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { createDrivenClock } from '../emulator/clock.ts';
import { type Alarms, createAlarms } from '../emulator/cloudwatch/alarms.ts';
import { createMetrics } from '../emulator/cloudwatch/metrics.ts';
import type { Place } from '../emulator/place.ts';
import { type Feed, feeder } from './feed.ts';
import type { Scenario } from './scenario.ts';
import { type Deployment, deployAlarms, leanStacks } from './stacks.ts';

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
  deploy(rules: Alarms['handlers'], place: Place, one: Deployment): Promise<unknown>;
}

/** The template's own alarms. */
export const ours: Watch = {
  failuresAre: 'answered',
  lines: true,
  deploy: (rules, place, { stacks }) => deployAlarms(stacks, rules, place),
};

/** Those of the same template with lean monitoring. */
export const lean: Watch = {
  ...ours,
  deploy: (rules, place, one) => deployAlarms(leanStacks(one), rules, place),
};

/** What a notice says, as far as a page is concerned: it may be sent long after the alarm changed, and after others did. */
const said = z.object({
  AlarmName: z.string(),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  OldStateValue: z.string(),
  AlarmContributorAttributes: z.record(z.string(), z.string()).default({}),
});

/** Lets a scenario happen once, on a driven clock, and gives for each watch who was told when. */
export const pagesOf = async (one: Scenario, deployment: Deployment, watches: readonly Watch[]): Promise<Page[][]> => {
  const begin = Date.parse(one.starts_at);
  const clock = createDrivenClock(begin - one.before_minutes * MINUTE_MS);
  const told: Page[][] = watches.map(() => []);
  const feeds: Feed[] = [];
  for (const [index, { failuresAre, lines, deploy }] of watches.entries()) {
    const metrics = createMetrics(clock);
    const alarms = createAlarms({
      place: PLACE,
      clock,
      metrics,
      onTransition: () => {},
      notify: (_, __, { message }) => {
        const { AlarmName: name, NewStateValue: to, OldStateValue: from, ...about } = said.parse(message);
        // That all is well at first is no news.
        if (from === 'INSUFFICIENT_DATA' && to === 'OK') return;
        const minute = Math.floor((clock.now() - begin) / MINUTE_MS);
        const severity = alarms.report().find((one) => one.name === name)?.severity;
        const alarm = [name, ...Object.values(about.AlarmContributorAttributes)].join('/');
        const page: Page = { alarm, severity, state: to === 'ALARM' ? 'ALARM' : 'OK', minute };
        // An alarm that tells those of every severity is still one page.
        if (!isDeepStrictEqual(told[index]?.at(-1), page)) told[index]?.push(page);
      },
    });
    await deploy(alarms.handlers, PLACE, deployment);
    alarms.start();
    feeds.push({ metrics, reads: alarms.findReadMetrics, failuresAre, lines });
  }
  const feed = feeder(one, deployment, feeds, begin);
  // What the last minute showed is judged in the one after it.
  for (let minute = -one.before_minutes; minute <= one.minutes; minute += 1) {
    feed(minute);
    await clock.advance(MINUTE_MS);
  }
  return told;
};
