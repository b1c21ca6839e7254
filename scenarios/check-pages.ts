import type { Page } from './recipients.ts';
import { asTolerance, matches, type Scenario } from './scenario.ts';

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

/** The patterns of the alarms of which one is enough. */
export const patternsOf = ({ alarm }: Pick<Expectation, 'alarm'>): readonly string[] =>
  typeof alarm === 'string' ? [alarm] : alarm;

/** The alarms that one of must page, as people read it. */
export const nameOf = (expectation: Expectation): string => patternsOf(expectation).join(' or ');

const isAbout = (expectation: Expectation, { alarm }: Page): boolean =>
  patternsOf(expectation).some((pattern) => matches(pattern, alarm));

/** The problems of when it was over, and of how often it paged. */
const checkEnd = (expectation: Expectation, pages: readonly Page[]): string[] => {
  const { over_from = 0, over_by, at_most = Number.POSITIVE_INFINITY } = expectation;
  const name = nameOf(expectation);
  const count = pages.filter(({ state }) => state === 'ALARM').length;
  const tooSoon = pages.find(({ state, minute }) => state === 'OK' && minute < over_from);
  const last = pages.filter(({ minute }) => minute <= (over_by ?? Number.POSITIVE_INFINITY)).at(-1);
  return [
    ...(count > at_most ? [`${name} paged ${count} times, more than ${at_most}`] : []),
    ...(tooSoon ? [`${name} was over in minute ${tooSoon.minute}, before ${over_from}`] : []),
    ...(over_by !== undefined && last?.state !== 'OK' ? [`${name} was not over by minute ${over_by}`] : []),
  ];
};

const checkFirstPage = (expectation: Expectation, first: Page): string[] => {
  const { from, by, severity = first.severity } = expectation;
  const name = nameOf(expectation);
  return [
    ...(first.minute < from ? [`${name} paged in minute ${first.minute}, before ${from}`] : []),
    ...(first.minute > by ? [`${name} paged in minute ${first.minute}, after ${by}`] : []),
    ...(first.severity === severity ? [] : [`${name} paged as ${first.severity}, not as ${severity}`]),
  ];
};

const checkExpectation = (expectation: Expectation, pages: readonly Page[]) => {
  const alarm = nameOf(expectation);
  const first = pages.find(({ state }) => state === 'ALARM');
  if (!first) return { alarm, problems: [`${alarm} did not page`], delay: undefined };
  const delay = first.minute - expectation.from;
  const problems = [...checkFirstPage(expectation, first), ...checkEnd(expectation, pages)];
  return { alarm, problems, delay: delay >= 0 ? delay : undefined };
};

/**
 * The pages of each expectation. Where several are about a page's alarm, it is of the one that began last before it, or
 * else of the earliest.
 */
const assignPages = (expected: readonly Expectation[], pages: readonly Page[]): Map<Expectation, Page[]> => {
  const assigned = new Map<Expectation, Page[]>(expected.map((expectation) => [expectation, []]));
  const byBeginning = expected.toSorted((a, b) => a.from - b.from);
  for (const page of pages) {
    const about = byBeginning.filter((expectation) => isAbout(expectation, page));
    const begun = about.filter(({ from }) => from <= page.minute);
    const latest = begun.at(-1)?.from ?? about[0]?.from;
    for (const expectation of about) if (expectation.from === latest) assigned.get(expectation)?.push(page);
  }
  return assigned;
};

/** Whether a scenario allows a page that it does not expect. */
const isTolerated = ({ tolerated }: Pick<Scenario, 'tolerated'>, { alarm, minute }: Page): boolean =>
  tolerated.some((entry) => {
    const { alarm: pattern, from, until = Number.POSITIVE_INFINITY } = asTolerance(entry);
    return matches(pattern, alarm) && minute >= from && minute < until;
  });

/** Compares the pages that were sent with those that the scenario expects, tolerates and forbids. */
export const checkPages = (scenario: Scenario, pages: readonly Page[]): ScenarioResult => {
  const { expected, forbidden, at_most_pages: atMost = Number.POSITIVE_INFINITY } = scenario;
  const checked = [...assignPages(expected, pages)].map(([expectation, own]) => checkExpectation(expectation, own));
  const isForbidden = (page: Page): boolean =>
    forbidden
      ? forbidden.some((pattern) => matches(pattern, page.alarm))
      : !isTolerated(scenario, page) && !expected.some((expectation) => isAbout(expectation, page));
  const fired = pages.filter(({ state }) => state === 'ALARM');
  const unwanted = fired.filter(isForbidden);
  return {
    outcomes: checked.map(({ alarm, delay }) => ({ alarm, delay })),
    problems: [
      ...checked.flatMap(({ problems }) => problems),
      ...unwanted.map(({ alarm, minute }) => `${alarm} paged in minute ${minute}`),
      ...(fired.length > atMost ? [`${fired.length} pages were sent, more than ${atMost}`] : []),
    ],
  };
};
