import type { Page } from './run.ts';
import { matches, type Scenario } from './scenario.ts';

/** The outside service each tool depends on. */
export type ProviderOf = ReadonlyMap<string, string>;

/** Something that went wrong with a tool, with an outside service, or with the pipeline, from a minute on: what alarms of any name can be held against. */
interface Incident {
  subject: string;
  from: number;
}

/** How alarms of any name fared in one scenario. */
export interface Score {
  incidents: number;
  /** Minutes to the first page, of each incident that somebody was told of. */
  delays: number[];
  /** Pages about what was not wrong, or not yet. */
  falsePages: number;
}

const PIPELINE = 'pipeline';
const PROVIDER = 'provider ';

/** Whom an alarm is about: the tool of our names and of others' (`<service>-tool-<tool>/…`), a provider, or the pipeline. */
const subjectOf = (alarm: string): string => {
  const [first = '', second = '', third = ''] = alarm.split('/');
  if (first === 'tool') return second;
  if (first === 'fleet') return third;
  if (first === 'provider') return `${PROVIDER}${second}`;
  return /-tool-(.+)$/.exec(first)?.[1] ?? PIPELINE;
};

/** Two alarms expected of one subject are one incident, from the earlier on. */
const incidentsOf = ({ expected }: Scenario): Incident[] => {
  const begins = new Map<string, number>();
  for (const { alarm, from } of expected) {
    const subject = subjectOf(alarm);
    begins.set(subject, Math.min(from, begins.get(subject) ?? from));
  }
  return [...begins].map(([subject, from]) => ({ subject, from }));
};

/**
 * Any page about the right tool counts, whatever it says and however late; one about a tool is about its provider too, for
 * others know of no providers. What ours may do unasked, others may.
 */
export const scoreOf = (one: Scenario, pages: readonly Page[], providerOf: ProviderOf): Score => {
  const incidents = incidentsOf(one);
  const tolerated = one.tolerated.map(subjectOf);
  const fired = pages
    .filter(({ state }) => state === 'ALARM')
    .map(({ alarm, minute }) => ({ subject: subjectOf(alarm), minute }));
  const isOf = (subject: string, page: { subject: string }) =>
    matches(subject, page.subject) || subject === `${PROVIDER}${providerOf.get(page.subject)}`;
  const isAbout = (page: { subject: string; minute: number }, { subject, from }: Incident) =>
    isOf(subject, page) && page.minute >= from;
  return {
    incidents: incidents.length,
    delays: incidents.flatMap((incident) => {
      const first = fired.find((page) => isAbout(page, incident));
      return first ? [first.minute - incident.from] : [];
    }),
    falsePages: fired.filter(
      (page) =>
        !incidents.some((incident) => isAbout(page, incident)) && !tolerated.some((subject) => isOf(subject, page)),
    ).length,
  };
};
