import * as z from 'zod';
import { MAX_INCIDENT_CHANGES, MAX_INCIDENT_MESSAGES } from '../answer-limits.ts';
import { acknowledgement, causeHistory } from '../incident-facts.ts';
import { MESSAGE_KINDS } from '../incident-line.ts';
import { moment, storedText, toolName } from '../queries.ts';
import { SEVERITIES } from '../severity.ts';
import { next, pageParameters } from './paging.ts';

/** Incidents as people were notified of them. They are about all tenants' calls, so only the operator sees them. */

const count = z.int().min(0);
const time = z.iso.datetime();

const STATES = ['open', 'over', 'quiet'] as const;

/** GET /v1/incidents */
export const incidentsQuery = z.strictObject({
  state: z
    .enum([...STATES, 'ended'], 'write open, over, quiet or ended')
    .optional()
    .describe('Only incidents in this state; `ended` are those that are `over` or `quiet`.'),
  severity: z
    .enum(SEVERITIES, `write one of ${SEVERITIES.join(', ')}`)
    .optional()
    .describe('Only of this severity.'),
  tool: toolName.optional().describe('Only incidents about this tool, also where it is one of several.'),
  cause: storedText('write the cause of an incident, such as tool/order_status')
    .optional()
    .describe('Only incidents with this cause.'),
  from: moment.optional().describe('Only incidents that lasted after this time. Default: 30 days ago.'),
  to: moment.optional().describe('Only incidents that began before this time.'),
  ...pageParameters('incidents'),
});

export const incident = z.object({
  incident_id: z.string(),
  cause: z.string().describe('What it is about, e.g. `tool/order_status`.'),
  state: z.enum(STATES).describe('`over` when good calls prove it, `quiet` when nothing was measured any more.'),
  severity: z.enum(SEVERITIES).describe('The worst that it was.'),
  title: z.string().describe('Of the last message.'),
  began_at: time,
  ended_at: time.nullable(),
  duration_seconds: z.number(),
  messages: count,
  times_reopened: count,
  members: z.array(z.string()).describe('The alarms that it joins.'),
  tool: z.string().nullable().describe('The tool that its cause is about.'),
  alarm: z.string().describe('The alarm that its last message was about, or its cause where that is an alarm.'),
  runbook: z.string().describe('The heading of that alarm in the runbook.'),
  calls: count.nullable().describe('The most that a message said; null where the store was not asked.'),
  bad_calls: count.nullable(),
  users: count.nullable(),
  peak_pct: z.number().nullable(),
  version_at_end: z.string().nullable().describe('What was deployed while it lasted, which may have ended it.'),
  acknowledged: acknowledgement
    .nullable()
    .describe('Who said last that they have seen it and work on it; null where nobody did.'),
});
export type Incident = z.infer<typeof incident>;

export const incidentsReport = z.object({
  incidents: z.array(incident).describe('The newest first.'),
  open: count.describe('How many are open now, whatever is asked for.'),
  next,
});
export type IncidentsReport = z.infer<typeof incidentsReport>;

/** The id of an incident, as a path takes it. */
export const incidentId = storedText('write the id of an incident; see /v1/incidents');

/** Whether a text is the id of an incident as the notifier gives it: its cause, and when it began. */
export const isIncidentId = (text: string): boolean =>
  incidentId.safeParse(text).success && /.@\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);

const delivery = z.object({
  message_id: z.guid(),
  channel: z.string(),
  sent_at: time,
  success: z.boolean(),
  outcome: z
    .enum(['posted', 'accepted', 'refused'])
    .describe('`posted` when people can see it, `accepted` when that is not proven, `refused` when it failed.'),
  error: z.string().nullable(),
  duration_ms: z.number(),
});
export type Delivery = z.infer<typeof delivery>;

const message = z.object({
  message_id: z.guid(),
  kind: z.enum(MESSAGE_KINDS),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  alarm: z.string().describe('The alarm that led to it.'),
  notified_at: time,
  calls: count.nullable(),
  bad_calls: count.nullable(),
  users: count.nullable(),
  peak_pct: z.number().nullable(),
});
export type IncidentMessage = z.infer<typeof message>;

const changeNote = z.object({
  at: time,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  reason: z.string().nullable(),
  success: z.boolean(),
});
export type ChangeNote = z.infer<typeof changeNote>;

const deploymentAround = z.object({ version: z.string(), started_at: time });
export type DeploymentAround = z.infer<typeof deploymentAround>;

/** GET /v1/incidents/{id} */
export const incidentReport = z.object({
  incident,
  messages: z
    .array(message)
    .describe(`What people were notified of, earliest first, at most ${MAX_INCIDENT_MESSAGES}.`),
  deliveries: z
    .array(delivery)
    .describe('Each attempt to send one of these to a channel. What mail and pagers did with it is not known.'),
  history: causeHistory.describe('What is known of its cause beside this incident.'),
  deployments: z
    .array(deploymentAround)
    .describe('In the day before it and while it lasted, earliest first, at most 20.'),
  changes: z
    .array(changeNote)
    .describe(`What people changed by hand while it lasted, earliest first, at most ${MAX_INCIDENT_CHANGES}.`),
});
export type IncidentReport = z.infer<typeof incidentReport>;
