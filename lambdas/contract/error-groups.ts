import * as z from 'zod';
import { reason } from './alert-rules/rule.ts';
import { MAX_ROWS } from './answer-limits.ts';
import { next, pageParameters } from './api/paging.ts';
import { GROUP_STATES } from './error-group-states.ts';
import { KEY_PATTERN, TEXT_LIMIT_BYTES } from './limits.ts';
import { listParameters, toolName, wholeNumber } from './queries.ts';
import { freshness } from './reports.ts';
import { instant } from './time.ts';
import { ERROR_CODES, FAULTS, KINDS } from './vocabulary.ts';

/** Groups of failures: what the api function is asked, what it answers, and what people decide. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** The id of a group, as a path takes it. */
export const groupId = z
  .string('write the id of a group, 16 hexadecimal digits')
  .regex(/^[\da-f]{16}$/, 'write the id of a group, 16 hexadecimal digits');

const text = (advice: string) => z.string(advice).max(TEXT_LIMIT_BYTES, advice).regex(KEY_PATTERN, advice);
const version = text('write the name of a version');

export const errorGroupsQuery = z.strictObject({
  tool: toolName.optional().describe('Only groups of this tool.'),
  kind: z
    .enum(KINDS, `write one of ${KINDS.join(', ')}`)
    .optional()
    .describe('Only groups of calls of this kind.'),
  provider: text('write the name of a provider').optional().describe('Only groups of calls of this outside service.'),
  state: z
    .enum(GROUP_STATES, `write one of ${GROUP_STATES.join(', ')}`)
    .optional()
    .describe('Only groups in this state.'),
  fault: z
    .enum(FAULTS, `write one of ${FAULTS.join(', ')}`)
    .optional()
    .describe('Only groups by the fault of the caller, a dependency, us or the platform.'),
  version: version.optional().describe('Only groups that were first or last seen in this version.'),
  ...pageParameters('groups'),
});

export const errorGroup = z.object({
  group_id: groupId,
  kind: z.enum(KINDS),
  name: z.string().describe('`_OTHER` with what has no group of its own, because there are too many names.'),
  fingerprint: z.string().describe('Of name, code, type and message. `_OTHER`: what has no group of its own.'),
  error_code: z.enum(ERROR_CODES),
  fault: z.enum(FAULTS),
  error_type: z.string().nullable(),
  error_message: z
    .string()
    .nullable()
    .describe('Without what differs from call to call. Null for a tenant where the fault is ours or the platform’s.'),
  provider: z.string().nullable().describe('The outside service of the newest call.'),
  state: z
    .enum(GROUP_STATES)
    .describe(
      '`new`: first seen within a day or since the newest deployment. `regressed`: seen again after it was resolved. ' +
        '`resolved`: by somebody, or by itself after 14 days without a call.',
    ),
  calls: count,
  calls_24h: count.describe('In the last 24 hours, by full hours.'),
  users: count.describe('Exact for a few; at most 7,098.'),
  tenants: count,
  first_seen_at: time,
  last_seen_at: time,
  first_version: z.string(),
  last_version: z.string().describe('Of the newest call.'),
  last_event_id: z.guid(),
  last_correlation_id: z.string().nullable(),
  last_trace_id: z.string().nullable(),
  resolved_in_version: z.string().nullable(),
  muted_until: time.nullable(),
  state_changed_at: time.nullable().describe('When somebody decided about it last.'),
  state_changed_by: z.string().nullable().describe('Only for the operator.'),
  state_reason: z.string().nullable().describe('Only for the operator.'),
  regressed_at: time.nullable(),
  regressed_version: z.string().nullable(),
});
export type ErrorGroup = z.infer<typeof errorGroup>;

/** GET /v1/error-groups */
export const errorGroupsReport = z.object({
  ...freshness,
  groups: z
    .array(errorGroup)
    .describe('Those seen last first. A group that is seen again while pages are read moves to the first.'),
  next,
});
export type ErrorGroupsReport = z.infer<typeof errorGroupsReport>;

const exampleCall = z.object({
  event_id: z.guid(),
  started_at: time,
  version: z.string(),
  duration_ms: z.number().min(0),
  correlation_id: z.string(),
  trace_id: z.string().nullable(),
  client_name: z.string().nullable(),
});
export type ExampleCall = z.infer<typeof exampleCall>;
const trendHour = z.object({ at: time, calls: count });
export type TrendHour = z.infer<typeof trendHour>;

/** GET /v1/error-groups/{id} */
export const errorGroupReport = z.object({
  ...freshness,
  group: errorGroup,
  examples: z.array(exampleCall).describe('Its newest calls that are still stored, at most 20.'),
  trend: z.array(trendHour).describe('Its calls in the last seven days, by the hour; hours without calls are omitted.'),
});
export type ErrorGroupReport = z.infer<typeof errorGroupReport>;

const MAX_MUTE_DAYS = 366;
const untilAdvice = `write a time that is to come, within ${MAX_MUTE_DAYS} days`;

/** PUT /v1/error-groups/{id}: what is decided about a group. */
export const errorGroupChange = z
  .strictObject({
    state: z.enum(['resolved', 'muted', 'open'], 'write resolved, muted or open'),
    version: version
      .optional()
      .describe('The version that resolves it, also one that is yet to be deployed; by default the newest deployed.'),
    until: instant
      .refine((until) => {
        const ms = Date.parse(until) - Date.now();
        return ms > 0 && ms <= MAX_MUTE_DAYS * 86_400_000;
      }, untilAdvice)
      .optional()
      .describe('Until when it is muted, at most a year ahead.'),
    reason,
  })
  .superRefine(({ state, version: resolving, until, reason: why }, context) => {
    const report = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (resolving !== undefined && state !== 'resolved')
      report('version', 'only what is resolved has one; leave it out');
    if (until !== undefined && state !== 'muted') report('until', 'only what is muted has one; leave it out');
    if (until === undefined && state === 'muted') report('until', untilAdvice);
    if (why === undefined && state === 'muted') report('reason', 'write why it is muted');
  });

/** What a change of a group answers: how it is now. */
export const changedErrorGroup = z.object({ group: errorGroup });

export const upstreamErrorsQuery = z.strictObject({
  limit: wholeNumber(MAX_ROWS, MAX_ROWS, 'How many rows at most.'),
  ...listParameters,
});

const upstreamErrors = z.object({
  provider: z.string(),
  error_code: z.enum(ERROR_CODES),
  error_type: z.string().describe('Empty where calls have none.'),
  names: count.describe('How many tools and other names fail by it.'),
  first_names: z.array(z.string()).describe('The first 20 of them, by name.'),
  groups: count,
  state: z.enum(GROUP_STATES).describe('`new`, `resolved` or `muted` only if all groups are; `regressed` if one is.'),
  calls: count,
  calls_24h: count,
  first_seen_at: time,
  last_seen_at: time,
  last_group_id: groupId.describe('The group that was seen last.'),
});
export type UpstreamErrors = z.infer<typeof upstreamErrors>;

/** GET /v1/upstream-errors */
export const upstreamErrorsReport = z.object({ ...freshness, upstream_errors: z.array(upstreamErrors) });
export type UpstreamErrorsReport = z.infer<typeof upstreamErrorsReport>;
