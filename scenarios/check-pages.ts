import type { Page } from './recipients.ts';
import { matches, type Scenario } from './scenario.ts';

/** How one expectation of a scenario turned out. */
interface Outcome {
  alarm: string;
  /** Minutes from the earliest expected minute to the page; `undefined` when there was none, or it came earlier. */
  delay: number | undefined;
}

export interface ScenarioResult {
  outcomes: Outcome[];
  /** What did not happen as the scenario demands, in words; empty when the scenario is right. */
  problems: string[];
}

type Expectation = Scenario['expected'][number];

const checkExpectation = (expectation: Expectation, pages: readonly Page[]) => {
  const { alarm, from, by, over_by, at_most = Number.POSITIVE_INFINITY } = expectation;
  const fired = pages.filter(({ state }) => state === 'ALARM');
  const [first] = fired;
  const problems: string[] = [];
  if (!first) problems.push(`${alarm} did not page`);
  else if (first.minute < from) problems.push(`${alarm} paged in minute ${first.minute}, before ${from}`);
  else if (first.minute > by) problems.push(`${alarm} paged in minute ${first.minute}, after ${by}`);
  if (fired.length > at_most) problems.push(`${alarm} paged ${fired.length} times, more than ${at_most}`);
  if (over_by !== undefined && first) {
    const last = pages.filter(({ minute }) => minute <= over_by).at(-1);
    if (last?.state !== 'OK') problems.push(`${alarm} was not over by minute ${over_by}`);
  }
  return { alarm, problems, delay: first && first.minute >= from ? first.minute - from : undefined };
};

/** Compares the pages that were sent with those that the scenario expects, tolerates and forbids. */
export const checkPages = ({ expected, tolerated, forbidden }: Scenario, pages: readonly Page[]): ScenarioResult => {
  const checked = expected.map((expectation) =>
    checkExpectation(
      expectation,
      pages.filter(({ alarm }) => matches(expectation.alarm, alarm)),
    ),
  );
  const allowed = [...tolerated, ...expected.map(({ alarm }) => alarm)];
  const matchesAny = (patterns: readonly string[], alarm: string) =>
    patterns.some((pattern) => matches(pattern, alarm));
  const isForbidden = (alarm: string) => (forbidden ? matchesAny(forbidden, alarm) : !matchesAny(allowed, alarm));
  const unwanted = pages.filter(({ alarm, state }) => state === 'ALARM' && isForbidden(alarm));
  return {
    outcomes: checked.map(({ alarm, delay }) => ({ alarm, delay })),
    problems: [
      ...checked.flatMap(({ problems }) => problems),
      ...unwanted.map(({ alarm, minute }) => `${alarm} paged in minute ${minute}`),
    ],
  };
};
