import { cutText, cutToBytes, toLine } from '../../contract/clean-line.ts';
import { INCIDENT_SCHEMA, type IncidentLine, MAX_MEMBERS } from '../../contract/incident-line.ts';
import { TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import type { Notice } from '../../contract/notice.ts';
import { MAX_TITLE } from '../../contract/notices/notice-limits.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';

const fitName = (name: string): string => cutToBytes(toLine(name), TEXT_LIMIT_BYTES) || '-';

/** The line of a message, by which the store learns what people were notified of. */
export const incidentLineOf = ({ id, message }: OutboxMessage, { title, facts, since }: Notice): IncidentLine => ({
  schema: INCIDENT_SCHEMA,
  message_id: id,
  incident_id: fitName(message.incident),
  cause: fitName(message.cause),
  kind: message.kind,
  severity: message.severity,
  alarm: fitName(message.alarm),
  members: message.members.slice(0, MAX_MEMBERS).map(fitName),
  began_at: new Date(Math.min(since, message.since)).toISOString(),
  notified_at: new Date(message.at).toISOString(),
  title: cutText(title, MAX_TITLE),
  ...Object.fromEntries(
    (['calls', 'bad_calls', 'users', 'peak_pct'] as const).flatMap((name) => {
      const value = facts[name];
      return typeof value === 'number' ? [[name, value]] : [];
    }),
  ),
});
