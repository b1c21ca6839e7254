import type { Page } from './run.ts';
import { matches, type Scenario } from './scenario.ts';

/** What became of one expectation. */
export interface Outcome {
  alarm: string;
  /** Minutes from the first moment it could be to the page; nothing when there was none. */
  delay: number | undefined;
}

export interface ScenarioResult {
  outcomes: Outcome[];
  /** What must not have been, in words; empty when all is right. */
  wrongs: string[];
}

type Expected = Scenario['expected'][number];

const wrongsOf = ({ alarm, from, by, over_by, at_most = Number.POSITIVE_INFINITY }: Expected, pages: Page[]) => {
  const fired = pages.filter(({ state }) => state === 'ALARM');
  const [first] = fired;
  const wrongs: string[] = [];
  if (!first) wrongs.push(`${alarm} did not page`);
  else if (first.minute < from) wrongs.push(`${alarm} paged in minute ${first.minute}, before ${from}`);
  else if (first.minute > by) wrongs.push(`${alarm} paged in minute ${first.minute}, after ${by}`);
  if (fired.length > at_most) wrongs.push(`${alarm} paged ${fired.length} times, not ${at_most}`);
  if (over_by !== undefined && first) {
    const last = pages.filter(({ minute }) => minute <= over_by).at(-1);
    if (last?.state !== 'OK') wrongs.push(`${alarm} was not over by minute ${over_by}`);
  }
  return { wrongs, delay: first && first.minute >= from ? first.minute - from : undefined };
};

/** Holds who was told against who should have been. */
export const checkPages = ({ expected, tolerated, forbidden }: Scenario, pages: readonly Page[]): ScenarioResult => {
  const judged = expected.map((one) => ({
    alarm: one.alarm,
    ...wrongsOf(
      one,
      pages.filter(({ alarm }) => matches(one.alarm, alarm)),
    ),
  }));
  const known = [...tolerated, ...expected.map(({ alarm }) => alarm)];
  const isKnown = (alarm: string) => known.some((one) => matches(one, alarm));
  const isForbidden = (alarm: string) => (forbidden ? forbidden.some((one) => matches(one, alarm)) : !isKnown(alarm));
  const surprising = pages.filter(({ alarm, state }) => state === 'ALARM' && isForbidden(alarm));
  return {
    outcomes: judged.map(({ alarm, delay }) => ({ alarm, delay })),
    wrongs: [
      ...judged.flatMap(({ wrongs }) => wrongs),
      ...surprising.map(({ alarm, minute }) => `${alarm} paged in minute ${minute}`),
    ],
  };
};
