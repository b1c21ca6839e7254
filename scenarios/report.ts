import { formatPart } from '../lambdas/contract/percent.ts';
import { nameOf, type ScenarioResult } from './check-pages.ts';
import type { Page } from './recipients.ts';
import type { Scenario } from './scenario.ts';
import type { Score } from './score.ts';

const MAX_PAGES_SHOWN = 4;

export const RESULT_HEADINGS = ['', 'scenario', 'expected', 'minutes to page', 'paged'];

const formatMinutes = ([first, ...rest]: readonly number[]): string =>
  rest.length > 0 ? `@${first} and ${rest.length} more` : `@${first}`;

const formatPages = (pages: readonly Page[]): string => {
  const minutesByAlarm = new Map<string, number[]>();
  for (const { alarm, state, minute } of pages) {
    if (state === 'ALARM') minutesByAlarm.set(alarm, [...(minutesByAlarm.get(alarm) ?? []), minute]);
  }
  const paged = [...minutesByAlarm].map(([alarm, minutes]) => `${alarm} ${formatMinutes(minutes)}`);
  if (paged.length <= MAX_PAGES_SHOWN) return paged.join(', ') || 'none';
  const shown = paged.slice(0, MAX_PAGES_SHOWN - 1);
  return [...shown, `${paged.length - shown.length} others`].join(', ');
};

/**
 * One scenario: right or WRONG, the expected alarms and their minutes, the minutes to each page, and the alarms that
 * paged.
 */
export const resultRow = (
  name: string,
  { expected }: Scenario,
  { outcomes, problems }: ScenarioResult,
  pages: readonly Page[],
): string[] => [
  problems.length === 0 ? 'right' : 'WRONG',
  name,
  expected.map((expectation) => `${nameOf(expectation)} ${expectation.from}…${expectation.by}`).join(', ') || 'none',
  outcomes.map(({ delay }) => delay ?? 'never').join(', ') || '–',
  formatPages(pages),
];

const median = (sorted: readonly number[]): number | undefined => sorted[Math.floor((sorted.length - 1) / 2)];

/** How one set of alarms did in all scenarios. */
export interface Summary {
  name: string;
  incidents: number;
  paged: number;
  falsePages: number;
  /** How many scenarios had a false page. */
  scenariosWithFalsePages: number;
  /** Minutes from an incident's start to its first page. */
  medianDelay: number | undefined;
  worstDelay: number | undefined;
}

export const summarize = (name: string, scores: readonly Score[]): Summary => {
  const delays = scores.flatMap((score) => score.delays).sort((a, b) => a - b);
  return {
    name,
    incidents: scores.reduce((sum, { incidents }) => sum + incidents, 0),
    paged: delays.length,
    falsePages: scores.reduce((sum, { falsePages }) => sum + falsePages, 0),
    scenariosWithFalsePages: scores.filter(({ falsePages }) => falsePages > 0).length,
    medianDelay: median(delays),
    worstDelay: delays.at(-1),
  };
};

export const summaryRows = (summaries: readonly Summary[]): string[][] => [
  ['alarms', 'incidents paged', 'false pages', 'in scenarios', 'minutes to page: median', 'worst'],
  ...summaries.map(({ name, incidents, paged, falsePages, scenariosWithFalsePages, medianDelay, worstDelay }) => [
    name,
    `${paged} of ${incidents} (${formatPart(paged, incidents)})`,
    `${falsePages}`,
    `${scenariosWithFalsePages}`,
    `${medianDelay ?? '–'}`,
    `${worstDelay ?? '–'}`,
  ]),
];

/** One scenario under one set of alarms: minutes to page, `missed`, `+n` for n false pages; `·` for nothing at all. */
export const formatScore = ({ incidents, delays, falsePages }: Score): string => {
  const parts = [
    ...(delays.length > 0 ? [delays.join('/')] : []),
    ...(incidents > delays.length ? ['missed'] : []),
    ...(falsePages > 0 ? [`+${falsePages}`] : []),
  ];
  return parts.join(' ') || '·';
};
