import type { Incident } from '../../lambdas/contract/api/incidents.ts';
import { DAY_MS, MINUTE_MS } from '../../lambdas/contract/durations.ts';
import type { ToolHealth } from '../../lambdas/contract/reports.ts';
import type { FiringAlarm } from './alarms-of.ts';
import { type CountedStep, findFailingSpan, type Span } from './failing-span.ts';

/** How it is with a tool now, as opposed to how the last 24 hours were. */
export interface ToolStatus {
  readonly state: 'failing' | 'warning' | 'healthy' | 'quiet' | 'unproven';
  /** What is so: `failing`, `was failing`, `no calls`. */
  readonly words: string;
  /** Since when it is so; with an end, when it was. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  /** What to know of it, in a sentence. */
  readonly note?: string | undefined;
}

/** What is known of a tool beside its figures of 24 hours. */
export interface ToolEvidence {
  /** What fires about it; `unseen` by a reader who sees no alarms, `unknown` where they could not be read. */
  readonly firing: readonly FiringAlarm[] | 'unseen' | 'unknown';
  /** The latest steps of its trend. */
  readonly points: readonly CountedStep[];
  /** Incidents about it. */
  readonly incidents: readonly Pick<Incident, 'began_at' | 'ended_at'>[];
}

/** Without alarms to say so, a tool fails while more than this share of its recent calls does. */
const MAX_RECENT_SHARE = 0.05;

const CONDITIONS: Readonly<Record<string, string>> = {
  failing: 'failing',
  trickle: 'failing',
  killed: 'killed before it answers',
  slow: 'slow',
  'very-slow': 'very slow',
  silent: 'not called any more',
  'calls-vanished': 'called far less than usual',
  'new-errors': 'failing in a new way',
  'callers-at-fault': 'called wrongly far more than usual',
  'burning-fast': 'using up its error budget',
  'burning-slowly': 'using up its error budget',
  'lines-missing': 'not writing all of its lines',
  'no-lines': 'writing no lines',
};

/** What an alarm says of a tool, as in "the tool is …". */
export const wordsOfCondition = (condition: string): string => CONDITIONS[condition] ?? condition.replaceAll('-', ' ');

const statusOfAlarms = ([worst, ...others]: readonly FiringAlarm[]): ToolStatus | undefined =>
  worst && {
    state: worst.severity === 'critical' ? 'failing' : 'warning',
    words: wordsOfCondition(worst.condition),
    from: worst.since,
    note:
      others.length > 0 ? `Also ${others.map(({ condition }) => wordsOfCondition(condition)).join(', ')}.` : undefined,
  };

/** The span that `recent_calls` and `recent_failures` are of. */
const RECENT_MS = 15 * MINUTE_MS;

interface LastSpan extends Span {
  /** Whether it is proven that it is over, so that failures of the last quarter of an hour were in it. */
  readonly isOver: boolean;
}

/** The last incident that ended within a day. */
const lastEnded = (incidents: ToolEvidence['incidents'], now: number): Span | undefined =>
  incidents
    .flatMap(({ began_at, ended_at }) =>
      ended_at === null ? [] : [{ from: Date.parse(began_at), until: Date.parse(ended_at) }],
    )
    .filter(({ until }) => until > now - DAY_MS)
    .sort((a, b) => b.until - a.until)[0];

/** The last time in which it failed: as an incident has it, which is exact, unless its trend shows a later one. */
const lastSpan = ({ points, incidents }: ToolEvidence, now: number): LastSpan | undefined => {
  const ended = lastEnded(incidents, now);
  const after = ended ? points.filter(({ at }) => Date.parse(at) >= ended.until) : points;
  const seen = findFailingSpan(after, now);
  if (seen) return { ...seen, isOver: false };
  return ended && { ...ended, isOver: ended.until > now - RECENT_MS };
};

const QUIET = 'Quiet, not proven well: no call in the last 15 minutes.';

/** How it is with a tool that no alarm fires for, and that is not failing. */
const statusWhenOver = (tool: ToolHealth, areAlarmsSeen: boolean, span: Span | undefined): ToolStatus => {
  const isQuiet = tool.recent_calls === 0;
  if (span) {
    const was = { words: 'was failing', from: span.from, until: span.until };
    return isQuiet ? { state: 'quiet', ...was, note: QUIET } : { state: 'healthy', ...was };
  }
  if (tool.total_invocations === 0)
    return { state: 'quiet', words: 'no calls', note: 'Not called in the last 24 hours.' };
  if (isQuiet) return { state: 'quiet', words: 'quiet', note: QUIET };
  if (tool.verdict === 'critical') return { state: 'healthy', words: 'was failing earlier' };
  if (tool.verdict === 'insufficient_data') return { state: 'unproven', words: 'too few calls' };
  if (tool.verdict === 'healthy') return { state: 'healthy', words: 'healthy' };
  return areAlarmsSeen ? { state: 'healthy', words: 'was slow' } : { state: 'warning', words: 'slow' };
};

/** Green says that no alarm fires, so what could not be read is not green. */
const withoutProof = (status: ToolStatus, { firing }: ToolEvidence): ToolStatus =>
  firing === 'unknown' && status.state === 'healthy'
    ? {
        ...status,
        state: 'unproven',
        words: status.until === undefined ? 'not known to fail' : status.words,
        note: 'Its latest calls do not fail. Whether an alarm fires for it could not be read.',
      }
    : status;

/**
 * How it is with a tool now. Alarms decide where the reader sees them: while none fires, a tool is not failing, whatever
 * the last 24 hours were. Otherwise the last quarter of an hour decides.
 */
export const statusOf = (tool: ToolHealth, evidence: ToolEvidence, now: number): ToolStatus => {
  const areSeen = typeof evidence.firing !== 'string';
  const ofAlarms = typeof evidence.firing === 'string' ? undefined : statusOfAlarms(evidence.firing);
  if (ofAlarms) return ofAlarms;
  const span = lastSpan(evidence, now);
  const { recent_calls, recent_failures } = tool;
  const failsNow = recent_failures > MAX_RECENT_SHARE * recent_calls && !span?.isOver;
  if (!failsNow) return withoutProof(statusWhenOver(tool, areSeen, span), evidence);
  // What an incident ended long before is not what fails now.
  const from = span && span.until > now - RECENT_MS ? span.from : undefined;
  if (!areSeen) return { state: 'failing', words: 'failing', from };
  return {
    state: 'warning',
    words: 'some calls fail',
    from,
    note: 'No alarm fires: too few fail, or for too short a time.',
  };
};
