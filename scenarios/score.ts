import { patternsOf } from './check-pages.ts';
import type { Page } from './recipients.ts';
import { asTolerance, matches, type Scenario } from './scenario.ts';

/** The provider that each tool depends on, by the tool's name. */
export type ProviderOf = ReadonlyMap<string, string>;

/**
 * Something that is wrong with a tool, a provider or the pipeline from a minute on, whatever alarms about it are
 * called.
 */
interface Incident {
  /** One, or several of which a page may be about any. */
  subjects: readonly string[];
  /** The alarms that are expected of it. */
  patterns: readonly string[];
  from: number;
}

/** How one set of alarms did in one scenario, whatever their names. */
export interface Score {
  incidents: number;
  /** Minutes to the first page, of each incident that was paged. */
  delays: number[];
  /** Pages about something that was not wrong, or not yet. */
  falsePages: number;
}

const PIPELINE = 'pipeline';
const PROVIDER = 'provider ';

/** What an alarm is about: a tool (in our names and in `<service>-tool-<tool>/…`), a provider, or the pipeline. */
const subjectOf = (alarm: string): string => {
  const [first = '', second = ''] = alarm.split('/');
  if (first === 'tool') return second;
  if (first === 'provider') return `${PROVIDER}${second}`;
  return /-tool-(.+)$/.exec(first)?.[1] ?? PIPELINE;
};

/** Several alarms expected about one subject are one incident, from the earliest on; the same alarm again is another. */
const findIncidents = ({ expected }: Scenario): Incident[] => {
  const incidents: Incident[] = [];
  for (const expectation of expected.toSorted((a, b) => a.from - b.from)) {
    const patterns = patternsOf(expectation);
    const subjects = [...new Set(patterns.map(subjectOf))];
    const latest = incidents.findLast((incident) => incident.subjects.join() === subjects.join());
    if (latest && !latest.patterns.some((pattern) => patterns.includes(pattern)))
      latest.patterns = [...latest.patterns, ...patterns];
    else incidents.push({ subjects, patterns, from: expectation.from });
  }
  return incidents;
};

/**
 * Scores the pages of any set of alarms. A page counts for an incident of its subject whatever it says and however
 * late it is; a page about a tool counts for the tool's provider as well, because other packs know no providers. What
 * the scenario tolerates is not a false page.
 */
export const scorePages = (scenario: Scenario, pages: readonly Page[], providerOf: ProviderOf): Score => {
  const incidents = findIncidents(scenario);
  const tolerated = scenario.tolerated.map(asTolerance);
  const fired = pages
    .filter(({ state }) => state === 'ALARM')
    .map(({ alarm, minute }) => ({ subject: subjectOf(alarm), minute }));
  const isAbout = (page: { subject: string }, subject: string) =>
    matches(subject, page.subject) || subject === `${PROVIDER}${providerOf.get(page.subject)}`;
  const covers = (page: { subject: string; minute: number }, { subjects, from }: Incident) =>
    subjects.some((subject) => isAbout(page, subject)) && page.minute >= from;
  /** A page is of the incident of its subject that began last before it. */
  const reports = (page: { subject: string; minute: number }, incident: Incident) =>
    covers(page, incident) &&
    !incidents.some(
      (later) =>
        later.from > incident.from && later.subjects.join() === incident.subjects.join() && covers(page, later),
    );
  const isTolerated = (page: { subject: string; minute: number }) =>
    tolerated.some(
      ({ alarm, from, until = Number.POSITIVE_INFINITY }) =>
        isAbout(page, subjectOf(alarm)) && page.minute >= from && page.minute < until,
    );
  const isFalse = (page: { subject: string; minute: number }) =>
    !incidents.some((incident) => reports(page, incident)) && !isTolerated(page);
  return {
    incidents: incidents.length,
    delays: incidents.flatMap((incident) => {
      const first = fired.find((page) => reports(page, incident));
      return first ? [first.minute - incident.from] : [];
    }),
    falsePages: fired.filter(isFalse).length,
  };
};
