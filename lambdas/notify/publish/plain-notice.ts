import { providerOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { cutText, toLine } from '../../contract/clean-line.ts';
import type { Notice } from '../../contract/notice.ts';
import { MAX_LINE, MAX_TITLE } from '../../contract/notices/notice-limits.ts';
import type { Severity } from '../../contract/severity.ts';
import { isEnd } from '../incidents/incident.ts';
import type { ChannelDelivery } from '../outbox/deliveries.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { toThread } from '../words/thread.ts';
import { typeOf } from './audience.ts';

const toCutLine = (text: string, limit: number): string => cutText(toLine(text), limit);

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
    title: toCutLine(`${state}: ${alarm}, since ${new Date(since).toISOString()}`, MAX_TITLE),
    lines: [toCutLine(`Alarms: ${members.join(', ')}`, MAX_LINE)],
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
  title: toCutLine(subject, MAX_TITLE) || 'A notification',
  lines: [toCutLine(text, MAX_LINE)].filter((line) => line !== ''),
  links: [],
  facts: {},
  since: now,
  at: now,
  place,
});
