import * as z from 'zod';
import { groupId } from '../error-groups.ts';
import { DURATION_LIMIT_MS } from '../limits.ts';
import { moment, storedText, toolName } from '../queries.ts';
import { ERROR_CODES, FAULTS, KINDS } from '../vocabulary.ts';
import { checkWindow, next, pageParameters, windowParameters } from './paging.ts';

/** Single calls: what the api function is asked of them, and what it answers. As fresh as ingest. */

const count = z.int().min(0);
const time = z.iso.datetime();
const ms = z.number().min(0);

const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, `write one of ${words.join(', ')}`);
const text = (what: string) => storedText(`write ${what}`);

/** How many calls one answer has at most. */
export const MAX_CALLS = 5_000;

/** GET /v1/calls */
export const callsQuery = z
  .strictObject({
    tool: toolName.optional().describe('Only calls of this tool.'),
    kind: oneOf([...KINDS, 'all'])
      .optional()
      .describe(
        'Only calls of this kind, or of all. Default: `tool`; with `name`, `group_id` or `correlation_id` all.',
      ),
    name: text('a name').optional().describe('Only calls under this name, such as the id of a webhook.'),
    success: oneOf(['true', 'false']).optional().describe('Only calls that succeeded, or that failed.'),
    error_code: oneOf(ERROR_CODES).optional().describe('Only failures with this code.'),
    error_type: text('the type of an error').optional().describe('Only failures of this type, such as `TypeError`.'),
    fault: oneOf(FAULTS)
      .optional()
      .describe('Only failures by the fault of the caller, a dependency, us or the platform.'),
    group_id: groupId.optional().describe('Only failures of this group; see /v1/error-groups.'),
    provider: text('the name of a provider').optional().describe('Only calls that depend on this outside service.'),
    domain: text('a domain').optional().describe('Only calls that name this domain.'),
    user_id: text('the id of a user').optional().describe('Only calls for this user.'),
    session_id: text('the id of a session').optional().describe('Only calls of this session.'),
    client_name: text('the name of a client').optional().describe('Only calls by this client.'),
    tenant_id: text('the name of a tenant').optional().describe('Only calls of this tenant, for the operator.'),
    version: text('the name of a version')
      .optional()
      .describe('Only calls of this version, which a deployment brought.'),
    correlation_id: text('the id to look for').optional().describe('Only calls that share this id.'),
    min_ms: z
      .int('write whole milliseconds')
      .min(1, 'write whole milliseconds')
      .max(DURATION_LIMIT_MS, 'write whole milliseconds')
      .optional()
      .describe('Only calls that took at least so many milliseconds.'),
    ...windowParameters(60),
    ...pageParameters('calls', MAX_CALLS),
  })
  .superRefine(checkWindow);

const callFields = {
  event_id: z.guid(),
  started_at: time,
  kind: z.enum(KINDS),
  name: z.string(),
  tenant_id: z.string(),
  version: z.string(),
  duration_ms: ms,
  cold_start: z.boolean(),
  success: z.boolean(),
  error_code: z.enum(ERROR_CODES).nullable(),
  error_type: z.string().nullable(),
  error_message: z
    .string()
    .nullable()
    .describe('Null for a tenant where the fault is ours or the platform’s: only the operator reads those words.'),
  fault: z.enum(FAULTS).nullable(),
  group_id: groupId.nullable().describe('The group that a failure belongs to, as far as it has one of its own.'),
  attempts: count.describe('1 without a retry.'),
  client_name: z.string().nullable(),
  user_id: z.string().nullable(),
  session_id: z.string().nullable(),
  provider: z.string().nullable(),
  correlation_id: z.string(),
  parent_id: z.guid().nullable().describe('The `event_id` of the call that made this one.'),
  replay_of: z.guid().nullable().describe('The `event_id` of the call that this one repeats on request.'),
};
/** A call as lists show it. */
export const listedCall = z.object(callFields);
export type Call = z.infer<typeof listedCall>;

export const callsReport = z.object({ calls: z.array(listedCall).describe('The newest first.'), next });
export type CallsReport = z.infer<typeof callsReport>;

/** The id of a call, as a path takes it. */
export const eventId = z.guid('write the event_id of a call, a UUID');

/** GET /v1/calls/{id} */
export const callQuery = z.strictObject({
  at: moment
    .optional()
    .describe('About when it began, within an hour. Needed only for an id that does not contain its time.'),
});

export const wholeCall = z.object({
  ...callFields,
  finished_at: time,
  service: z.string(),
  environment: z.string(),
  error_fingerprint: z.string().nullable(),
  retryable: z.boolean().nullable(),
  gpt_name: z.string().nullable(),
  source_gpt: z.string().nullable(),
  client_version: z.string().nullable(),
  user_agent: z.string().nullable(),
  domain: z.string().nullable(),
  trace_id: z.string().nullable(),
  request_bytes: count.nullable(),
  response_bytes: count.nullable(),
  cost_usd: z.number().nullable(),
  metadata: z.record(z.string(), z.json()).nullable(),
  measures: z.record(z.string(), z.number()).nullable(),
  stored_at: time.describe('When the store had it.'),
});
export type WholeCall = z.infer<typeof wholeCall>;

const dependency = z.object({
  name: z.string().describe('The outside service.'),
  calls: count,
  failed: count,
  ms: ms.describe('The time of all of them together.'),
});
export type CallDependency = z.infer<typeof dependency>;

export const callReport = z.object({
  call: wholeCall,
  dependencies: z.array(dependency).describe('Outside services that the call asked, the slowest first.'),
  thread: z
    .array(listedCall)
    .describe('All calls with its correlation id within a day of it, itself too, earliest first, at most 200.'),
  parent: listedCall
    .nullable()
    .describe(
      'The call that made it, as far as it is stored and the reader may see it. Null too where it began more than a day ' +
        'before, and its id does not contain its time.',
    ),
  children: z.array(listedCall).describe('Those of `thread` that it made.'),
  original: listedCall.nullable().describe('The call that it repeats, likewise.'),
  replays: z.array(listedCall).describe('Calls that repeat it, earliest first, at most 100.'),
  log_url: z
    .url()
    .nullable()
    .describe('Its line in CloudWatch Logs Insights, for the operator; null where the deployment has no such page.'),
});
export type CallReport = z.infer<typeof callReport>;
