import { cutText, toLine } from '../../contract/clean-line.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import type { Notice } from '../../contract/notice.ts';
import { MAX_LINE, MAX_TITLE } from '../../contract/notices/notice-limits.ts';
import type { DigestFigures } from '../digests/figures.ts';
import { DIGEST_LIMITS } from '../digests/ways.ts';
import { isEnd } from '../incidents/incident.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { nameOf, subjectOf } from './about.ts';
import { wordsOf } from './alarm-words.ts';
import { toForeign } from './clean-text.ts';
import type { WordsContext } from './context.ts';
import { onPage } from './links.ts';
import { toThread } from './thread.ts';
import { formatCount, formatRange, formatSpan, formatTime } from './times.ts';

type Message = OutboxMessage['message'];

/** How many families and providers a line names. */
const NAMED = 5;
const MAX_NAME = 80;

const openOf = ({ open }: DigestFigures): number => open.critical + open.warning;

const PREFIXES: Partial<Record<Message['kind'], string>> = { repeated: 'Still: ', escalated: 'Now critical: ' };

/** `Too many incidents for a message each: 640 more are open (420 critical, 220 warnings) since 10:02 UTC` */
const titleOf = ({ kind, since, at }: Message, digest: DigestFigures): string => {
  const { total, open, quiet } = digest;
  if (isEnd(kind)) {
    const range = `${formatRange(since, at, at)} (${formatSpan(at - since)})`;
    const begin = `${kind === 'quiet' ? 'Quiet' : 'Over'}: ${formatCount(total, 'further incident')} ${range}`;
    return kind === 'quiet' ? `${begin}; of ${quiet} nothing proves that they are over` : begin;
  }
  const counts = [
    ...(open.critical > 0 ? [`${open.critical.toLocaleString('en-US')} critical`] : []),
    ...(open.warning > 0 ? [formatCount(open.warning, 'warning')] : []),
  ];
  const many = openOf(digest);
  const more = `${many.toLocaleString('en-US')} more ${many === 1 ? 'is' : 'are'} open (${counts.join(', ')})`;
  return `${PREFIXES[kind] ?? ''}Too many incidents for a message each: ${more} since ${formatTime(since, at)}`;
};

const listCounts = (counts: readonly (readonly [name: string, incidents: number])[]): string => {
  const named = counts.slice(0, NAMED).map(([name, some]) => `${toForeign(name, MAX_NAME)} ${some}`);
  return named.join(', ') + (counts.length > NAMED ? ` and ${counts.length - NAMED} others` : '');
};

/** An alert rule may have channels of its own, so that no other names it. */
const nameIncident = (incident: DigestFigures['worst'][number], { topology }: WordsContext): string => {
  if (incident.cause.startsWith('alert-rule/')) return 'An alert rule holds';
  const name = nameOf(incident, topology);
  return wordsOf(subjectOf(incident))?.now(name) ?? `The alarm ${toForeign(incident.alarm, MAX_NAME)} fires`;
};

const linesOf = ({ at, kind }: Message, digest: DigestFigures, context: WordsContext): string[] => {
  const { incidents, windowMs } = DIGEST_LIMITS;
  const limits =
    `${incidents} new incidents of each severity, and ${incidents} of alert rules, have messages of their own within ` +
    `${windowMs / MINUTE_MS} minutes. This message is in place of the others; the list of incidents has each of them.`;
  if (isEnd(kind)) return [limits];
  const { families, providers, worst, total } = digest;
  const ended = total - openOf(digest);
  return [
    ...worst.map(
      (incident) => `${incident.severity}: ${nameIncident(incident, context)}, since ${formatTime(incident.since, at)}`,
    ),
    `They are about: ${listCounts(families)}.${providers.length > 0 ? ` Of providers: ${listCounts(providers)}.` : ''}`,
    ...(ended > 0 ? [`${formatCount(ended, 'further one')} ended already, or had a message of its own later.`] : []),
    limits,
  ];
};

/** What people are notified of many incidents at once. */
export const buildDigestNotice = (
  { id, message }: OutboxMessage,
  digest: DigestFigures,
  context: WordsContext,
): Notice => {
  const { kind, incident, cause, severity, since, at } = message;
  return {
    id,
    type: `incident.${kind}`,
    thread: toThread(incident),
    state: isEnd(kind) ? kind : 'open',
    severity,
    title: cutText(toLine(titleOf(message, digest)), MAX_TITLE),
    lines: linesOf(message, digest, context).map((line) => cutText(toLine(line), MAX_LINE)),
    links: [
      { title: 'Incidents', url: onPage(context.links, 'incidents', {}) },
      { title: 'Dashboard', url: context.links.dashboard },
    ].flatMap(({ title, url }) => (url === undefined ? [] : [{ title, url }])),
    facts: {
      incident,
      kind,
      cause,
      severity,
      incidents_total: digest.total,
      incidents_open: openOf(digest),
      incidents_critical: digest.open.critical,
      incidents_warning: digest.open.warning,
    },
    since,
    at,
    place: context.place,
  };
};
