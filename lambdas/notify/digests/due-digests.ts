import { providerOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { HOUR_MS, MINUTE_MS } from '../../contract/durations.ts';
import type { MessageKind } from '../../contract/incident-line.ts';
import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import type { Topology } from '../incidents/causes.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';
import { typeOf } from '../publish/audience.ts';
import type { CountedIncident, DigestedIncident, DigestFigures } from './figures.ts';
import type { DigestRules, OpenDigest, Ways } from './ways.ts';

/** The cause of every digest. */
const DIGEST_CAUSE = 'digest';

/** How many incidents a digest names. */
const NAMED = 4;
/** At most so often people are notified of a digest; and so often while its incidents last and are as many. */
const PAUSE_MS = MINUTE_MS;
const REPEAT_MS = 4 * HOUR_MS;
/** People are notified again when the open incidents are twice the fewest since the last message. */
const GROWTH = 2;

const countBy = (keys: readonly string[]): [string, number][] => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([one, some], [other, more]) => more - some || one.localeCompare(other));
};

const byWorst = (one: CountedIncident, other: CountedIncident): number =>
  SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
  other.members - one.members ||
  one.since - other.since;

const measure = (
  { total, quiet }: OpenDigest,
  open: readonly CountedIncident[],
  { tools }: Topology,
): DigestFigures => {
  const providerOfCause = (cause: string): string[] => {
    const tool = toolOf(cause);
    const ofTool = tool !== undefined && Object.hasOwn(tools, tool) ? tools[tool]?.provider : undefined;
    const provider = providerOf(cause) ?? ofTool;
    return provider === undefined ? [] : [provider];
  };
  return {
    total,
    open: {
      critical: open.filter(({ severity }) => severity === 'critical').length,
      warning: open.filter(({ severity }) => severity === 'warning').length,
    },
    quiet,
    families: countBy(open.map(({ cause }) => cause.split('/')[0] ?? cause)),
    providers: countBy(open.flatMap(({ cause }) => providerOfCause(cause))),
    worst: open.toSorted(byWorst).slice(0, NAMED),
  };
};

/** Kinds under which a digest may be shown as news; the first that the way’s filter takes. */
const NEWS: readonly MessageKind[] = ['opened', 'reopened', 'escalated', 'repeated'];

/** What people are to be notified of a digest now, if anything: the first of these that its way shows, or its end. */
const findKinds = (digest: OpenDigest, open: number, severity: Severity, now: number): readonly MessageKind[] => {
  const { notifiedAt, fewestOpen, notifiedSeverity, quiet, isRepeated } = digest;
  if (notifiedAt === undefined) return open > 0 ? NEWS : [];
  if (open === 0) return quiet > 0 ? ['quiet'] : ['over'];
  if (now - notifiedAt < PAUSE_MS) return [];
  if (notifiedSeverity !== 'critical' && severity === 'critical') return ['escalated', ...NEWS];
  if (open >= GROWTH * fewestOpen) return ['repeated', ...NEWS];
  return isRepeated && now - notifiedAt >= REPEAT_MS ? ['repeated'] : [];
};

/** The incidents that a digest counts on a way, as they are known there. */
const countOn = (way: string, digested: readonly DigestedIncident[]): CountedIncident[] =>
  digested.flatMap(({ ways, ...incident }) => {
    const severity = Object.hasOwn(ways, way) ? ways[way] : undefined;
    return severity === undefined ? [] : [{ ...incident, severity }];
  });

/** A message about a digest, for one way. */
export interface DueDigest {
  readonly way: string;
  readonly message: IncidentMessage;
}

/**
 * The messages about digests that are due, at most one for each way; and the ways after them. A digest ends when none of
 * its incidents is open.
 */
export const takeDueDigests = (
  ways: Ways,
  digested: readonly DigestedIncident[],
  now: number,
  topology: Topology,
  { shows }: Pick<DigestRules, 'shows'>,
): { ways: Ways; due: DueDigest[] } => {
  const due: DueDigest[] = [];
  const after = Object.entries(ways).map(([name, way]): [string, Ways[string]] => {
    const { digest, ...rest } = way;
    if (!digest) return [name, way];
    const open = countOn(name, digested);
    const highest: Severity = open.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
    const severity = digest.notifiedSeverity === 'critical' ? 'critical' : highest;
    const kind = findKinds(digest, open.length, severity, now).find(
      (each) => isEnd(each) || shows(name, [typeOf({ kind: each }), ...digest.events]),
    );
    if (kind === undefined && open.length === 0) return [name, rest];
    const fewestOpen = Math.min(digest.fewestOpen, open.length);
    if (kind === undefined) return [name, { ...rest, digest: { ...digest, fewestOpen } }];
    const { id, since } = digest;
    const message: IncidentMessage = {
      ...{
        kind,
        incident: id,
        cause: DIGEST_CAUSE,
        severity,
        alarm: id,
        members: [],
        since,
        at: now,
        notification: '',
      },
      digest: measure(digest, open, topology),
    };
    due.push({ way: name, message });
    if (open.length === 0) return [name, rest];
    const { isRepeated: _, ...lasting } = digest;
    const notified = { notifiedAt: now, fewestOpen: open.length, notifiedSeverity: severity };
    return [name, { ...rest, digest: { ...lasting, ...notified } }];
  });
  return { ways: Object.fromEntries(after), due };
};
