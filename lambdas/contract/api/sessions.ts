import * as z from 'zod';
import { listParameters, storedText } from '../queries.ts';
import { ERROR_CODES, FAULTS } from '../vocabulary.ts';
import { checkWindow, next, pageParameters, windowParameters } from './paging.ts';

/** Sessions: what a client did from tool to tool. As fresh as ingest. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** How many of the newest calls one page of sessions is made of. */
export const CALLS_A_PAGE = 20_000;
/** How many calls of one session are shown. */
export const CALLS_A_SESSION = 500;

/** GET /v1/sessions */
export const sessionsQuery = z
  .strictObject({
    user_id: storedText('write the id of a user').optional().describe('Only sessions of this user.'),
    client_name: storedText('write the name of a client').optional().describe('Only sessions of this client.'),
    tenant_id: storedText('write the name of a tenant').optional().describe('Only sessions of this tenant.'),
    ...windowParameters(24 * 60),
    ...pageParameters('sessions'),
  })
  .superRefine(checkWindow);

export const session = z.object({
  tenant_id: z.string(),
  session_id: z.string(),
  user_id: z.string().nullable(),
  client_name: z.string().nullable(),
  started_at: time.describe('Of its first call in the window.'),
  last_call_at: time,
  calls: count,
  failures: count,
  tools: z.array(z.string()).describe('The first 20 tools that it called, in the order of their calls.'),
});
export type Session = z.infer<typeof session>;

export const sessionsReport = z.object({
  sessions: z.array(session).describe('Those with the newest calls first.'),
  since: time.describe(
    `The beginning of what was read: of many calls, that of the newest ${CALLS_A_PAGE.toLocaleString('en')}. ` +
      'A session that began earlier is on the next page too, with its earlier calls.',
  ),
  next,
});
export type SessionsReport = z.infer<typeof sessionsReport>;

/** The id of a session, as a path takes it. */
export const sessionId = storedText('write the id of a session; see /v1/sessions');

/** GET /v1/sessions/{id} */
export const sessionQuery = z
  .strictObject({
    tenant_id: storedText('write the name of a tenant')
      .optional()
      .describe('Only the session of this tenant, for the operator where several tenants have a session of this id.'),
    ...windowParameters(24 * 60),
    ...listParameters,
  })
  .superRefine(checkWindow);

const step = z.object({
  event_id: z.guid(),
  started_at: time,
  tool_name: z.string(),
  duration_ms: z.number().min(0),
  success: z.boolean(),
  error_code: z.enum(ERROR_CODES).nullable(),
  fault: z.enum(FAULTS).nullable(),
  correlation_id: z.string(),
});
export type SessionStep = z.infer<typeof step>;

export const sessionReport = z.object({
  session,
  journey: z.array(step).describe(`Its calls of tools in the window, earliest first, at most ${CALLS_A_SESSION}.`),
});
export type SessionReport = z.infer<typeof sessionReport>;
