import { createHash } from 'node:crypto';
import type { Notice } from '../../contract/notice.ts';
import type { Severity } from '../../contract/severity.ts';
import { providerOf, toolOf } from '../incidents/causes.ts';
import { isEnd } from '../incidents/incident.ts';
import type { ChannelDelivery, OutboxMessage } from '../outbox/outbox.ts';
import { typeOf } from './audience.ts';
import { toPlainText } from './plain-text.ts';

const MAX_TITLE = 300;
const MAX_LINE = 1_000;
const MAX_THREAD = 512;

const toLine = (text: string, limit: number): string =>
  Array.from(toPlainText(text).replace(/\s+/g, ' ').trim()).slice(0, limit).join('').slice(0, limit);

/** What messages about an incident share; of a long id a hash. */
const toThread = (incident: string): string =>
  incident.length <= MAX_THREAD ? incident : createHash('sha256').update(incident).digest('hex');

/** A notice that nothing can be wrong with: which alarm fires, or is over, and since when. */
export const plainNotice = (
  { id, message }: OutboxMessage,
  { alarm }: ChannelDelivery,
  place: Notice['place'],
): Notice => {
  const { kind, incident, cause, severity, members, since, at } = message;
  const state = isEnd(kind) ? 'OK' : 'ALARM';
  const [tool, provider] = [toolOf(cause), providerOf(cause)];
  return {
    id,
    type: typeOf(message),
    thread: toThread(incident),
    state: isEnd(kind) ? kind : 'open',
    severity,
    title: toLine(`${state}: ${alarm}, since ${new Date(since).toISOString()}`, MAX_TITLE),
    lines: [toLine(`Alarms: ${members.join(', ')}`, MAX_LINE)],
    links: [],
    facts: {
      incident,
      kind,
      cause,
      alarm,
      ...(tool !== undefined && { tool }),
      ...(provider !== undefined && { provider }),
    },
    since,
    at,
    place,
  };
};

/** What is not the notification of an alarm, as it came. */
export const forwardedNotice = (
  id: string,
  { severity, subject, text }: { readonly severity: Severity; readonly subject: string; readonly text: string },
  place: Notice['place'],
  now: number,
): Notice => ({
  id,
  type: 'notification.forwarded',
  thread: id,
  state: 'event',
  severity,
  title: toLine(subject, MAX_TITLE) || 'A notification',
  lines: [toLine(text, MAX_LINE)].filter((line) => line !== ''),
  links: [],
  facts: {},
  since: now,
  at: now,
  place,
});
