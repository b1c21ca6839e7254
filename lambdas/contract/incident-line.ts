import * as z from 'zod';
import { TEXT_LIMIT_BYTES } from './limits.ts';
import { MAX_TITLE } from './notices/notice-limits.ts';
import { SEVERITIES } from './severity.ts';
import { instant } from './time.ts';

/** The version of the line. The log subscription filters on it, so it changes only when a field's meaning changes. */
export const INCIDENT_SCHEMA = 'toolwatch.incident.v1';

/**
 * What happened to an incident that people are notified: it began, it began again soon after its end, it became critical,
 * it lasts, it is over, or its alarms ended for want of data, so that nobody knows whether it is over.
 */
export const MESSAGE_KINDS = ['opened', 'reopened', 'escalated', 'repeated', 'over', 'quiet'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** How many of an incident's alarms its line names. */
export const MAX_MEMBERS = 50;

const name = z.string().min(1).max(TEXT_LIMIT_BYTES);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * The line that the notifier writes of each message about an incident, from its log into the store. The database may be
 * what the incident is about: until it is back, the line waits where lines of calls wait.
 */
export const incidentLine = z.object({
  schema: z.literal(INCIDENT_SCHEMA),
  message_id: z.uuid(),
  incident_id: name,
  cause: name,
  kind: z.enum(MESSAGE_KINDS),
  severity: z.enum(SEVERITIES),
  alarm: name,
  members: z.array(name).max(MAX_MEMBERS),
  began_at: instant,
  notified_at: instant,
  title: z.string().min(1).max(MAX_TITLE),
  /** What the store knew of its calls by then; absent where it was not asked, or did not answer. */
  calls: count.optional(),
  bad_calls: count.optional(),
  users: count.optional(),
  peak_pct: z.number().min(0).max(100).optional(),
});
export type IncidentLine = z.infer<typeof incidentLine>;
