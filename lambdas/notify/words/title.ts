import { toLine } from '../../contract/clean-line.ts';
import type { CallFacts, NewError, RuleFacts } from '../../contract/incident-facts.ts';
import type { MessageKind } from '../../contract/incident-line.ts';
import { formatPart } from '../../contract/percent.ts';
import { isEnd } from '../incidents/incident.ts';
import { wordsOf } from './alarm-words.ts';
import { toForeign } from './clean-text.ts';
import { describeNewErrors } from './new-error-words.ts';
import { describeRuleFigure } from './rule-words.ts';
import { formatCount, formatMs, formatRange, formatSpan, formatTime } from './times.ts';

/** What a title is made of. */
export interface TitleParts {
  readonly kind: MessageKind;
  /** The name of the alarm that it is about. */
  readonly subject: string;
  readonly condition: string;
  /** How people call what it is about. */
  readonly name: string;
  /** When it began, and when this is said. */
  readonly began: number;
  readonly at: number;
  /** Its calls, if some are bad. */
  readonly counted: CallFacts | undefined;
  /** Its calls, if they are few. */
  readonly traffic: CallFacts | undefined;
  /** In which new ways its calls fail. */
  readonly newErrors: readonly NewError[];
  /** The alert rule that it is about. */
  readonly rule: RuleFacts | undefined;
  /** The limit in milliseconds, of what is slow. */
  readonly slowMs: number | undefined;
  /** What the alarm's description says, and why CloudWatch says that it fires. */
  readonly means: string | undefined;
  readonly reason: string | undefined;
}

/** How much of the name of an alarm without words a title has. */
const MAX_ALARM = 150;

/** `41 of 120 calls (34 %)` */
const partOf = ({ bad_calls, calls }: CallFacts): string =>
  `${bad_calls.toLocaleString('en-US')} of ${formatCount(calls, 'call')} (${formatPart(bad_calls, calls)})`;

/** A text that goes on in the same sentence. */
const withoutStop = (text: string): string => text.replace(/[.:\s]+$/, '');

/** `The alert rule orders-fail holds: error rate 12.5 % (above 5 %)` */
const nowOfRule = ({ subject, name, condition, rule }: TitleParts): string | undefined => {
  const figure = rule && condition !== 'not-evaluated' ? describeRuleFigure(rule) : undefined;
  return figure && `${wordsOf(subject)?.now(name)}: ${figure}`;
};

/** `place_order fails in a new way: 41 calls of INTERNAL_ERROR, first 12 min after version v42 was deployed` */
const nowOfNewErrors = ({ condition, name, newErrors }: TitleParts): string | undefined => {
  const errors = condition === 'new-errors' ? describeNewErrors(newErrors) : undefined;
  return errors && `${name} fails in a new way: ${errors}`;
};

/** What it is, in the words of its alarm; of an alarm without, in those of its description. */
const nowOf = (parts: TitleParts): string =>
  nowOfRule(parts) ?? nowOfNewErrors(parts) ?? wordsOf(parts.subject)?.now(parts.name) ?? describeUnknown(parts);

const describeUnknown = ({ subject, means }: TitleParts): string =>
  means ? withoutStop(toLine(means)) : `The alarm ${toForeign(subject, MAX_ALARM)} fires`;

/** The values in CloudWatch's explanation: `[0.4 (20/11/26 22:09:00), 0.34 (…)]`. */
const valuesIn = (reason = ''): number[] => {
  const list = /datapoints? \[([^\]]*)\]/.exec(reason)?.[1] ?? '';
  return [...list.matchAll(/(?:^|, )(-?[\d.]+(?:E[+-]?\d+)?) \(/gi)]
    .map((match) => Number(match[1]))
    .filter(Number.isFinite);
};

const FORMATS: Readonly<Record<string, (value: number) => string>> = {
  failing: (share) => `${formatPart(share, 1)} of calls`,
  degraded: (share) => `${formatPart(share, 1)} of calls`,
  down: (share) => `${formatPart(share, 1)} of calls`,
  'callers-at-fault': (share) => `${formatPart(share, 1)} of calls`,
  slow: (ms) => `95th percentile ${formatMs(ms)}`,
  'very-slow': (ms) => `95th percentile ${formatMs(ms)}`,
  filling: (count) => formatCount(count, 'message'),
  flooded: (count) => formatCount(count, 'message'),
  waiting: (seconds) => formatSpan(1_000 * seconds),
};

/** What CloudWatch measured, where the store says nothing: `CloudWatch: up to 41 % of calls`. */
const measuredIn = ({ condition, reason }: TitleParts): string | undefined => {
  const values = valuesIn(reason);
  const format = Object.hasOwn(FORMATS, condition) ? FORMATS[condition] : undefined;
  if (!format || values.length === 0) return undefined;
  return `CloudWatch: ${values.length > 1 ? 'up to ' : ''}${format(Math.max(...values))}`;
};

const lastingTitle = (parts: TitleParts): string => {
  const { subject, name, began, at, counted, traffic, slowMs } = parts;
  const words = wordsOf(subject);
  const now = nowOf(parts);
  if (subject.startsWith('drill/')) return now;
  if (counted && words?.counted) {
    const slow = slowMs === undefined ? '' : ` took longer than ${formatMs(slowMs)}`;
    return `${words.counted(name, partOf(counted) + slow)} since ${formatTime(began, at)}`;
  }
  const lastSeen = traffic?.last_call_at && traffic.calls === 0 ? Date.parse(traffic.last_call_at) : began;
  const since = `since ${formatTime(lastSeen, at)}`;
  const measured = measuredIn(parts);
  // After a sentence of several parts the time would belong to the last.
  if (/[,:;]/.test(now)) return `${now} (${[since, ...(measured ? [measured] : [])].join('; ')})`;
  return `${now} ${since}${measured ? ` (${measured})` : ''}`;
};

const prefixOf = ({ kind, began, at }: TitleParts): string => {
  if (kind === 'repeated') return `Still, after ${formatSpan(at - began)}: `;
  if (kind === 'reopened') return 'Again: ';
  return kind === 'escalated' ? 'Now critical: ' : '';
};

/** `place_order was failing 10:02–10:31 UTC (29 min), peak 61 %, 212 bad calls, 73 users` */
const endTitle = ({ kind, subject, name, began, at, counted, slowMs }: TitleParts): string => {
  const was = wordsOf(subject)?.was(name) ?? `The alarm ${toForeign(subject, MAX_ALARM)} was on`;
  if (subject.startsWith('drill/')) return was;
  const end = counted?.last_bad_at ? Math.max(began, Date.parse(counted.last_bad_at)) : at;
  const range = `${was} ${formatRange(began, end, at)} (${formatSpan(end - began)})`;
  if (kind === 'quiet') return `Quiet: ${range}; nothing proves that it is over`;
  if (!counted) return `Over: ${range}`;
  const bad = `${counted.bad_calls.toLocaleString('en-US')} ${slowMs === undefined ? 'failed' : 'slow'}`;
  return [
    `Over: ${range}`,
    ...(counted.peak_pct === null ? [] : [`peak ${Math.round(counted.peak_pct)} %`]),
    `${bad} call${counted.bad_calls === 1 ? '' : 's'}`,
    ...(counted.users > 0 ? [`${counted.is_sample ? 'at least ' : ''}${formatCount(counted.users, 'user')}`] : []),
  ].join(', ');
};

/** The sentence that a person reads first, and perhaps alone. */
export const titleOf = (parts: TitleParts): string =>
  isEnd(parts.kind) ? endTitle(parts) : `${prefixOf(parts)}${lastingTitle(parts)}`;
