import * as z from 'zod';

/**
 * How the store's values are written in the archive: `timestamp` in microseconds of UTC, `string` and `json` as text,
 * UUIDs among the strings.
 */
export type ArchiveType = 'timestamp' | 'bigint' | 'double' | 'integer' | 'boolean' | 'string' | 'json';

/** The columns of a call in the archive: those of `analytics.invocations`, in its order. */
export const ARCHIVE_COLUMNS = {
  started_at: 'timestamp',
  finished_at: 'timestamp',
  created_at: 'timestamp',
  batch_id: 'bigint',
  duration_ms: 'double',
  event_id: 'string',
  attempts: 'integer',
  cold_start: 'boolean',
  success: 'boolean',
  kind: 'string',
  name: 'string',
  tenant_id: 'string',
  service: 'string',
  environment: 'string',
  version: 'string',
  correlation_id: 'string',
  error_code: 'string',
  fault: 'string',
  error_type: 'string',
  error_message: 'string',
  error_fingerprint: 'string',
  retryable: 'boolean',
  user_id: 'string',
  session_id: 'string',
  gpt_name: 'string',
  source_gpt: 'string',
  client_name: 'string',
  client_version: 'string',
  user_agent: 'string',
  provider: 'string',
  domain: 'string',
  trace_id: 'string',
  parent_id: 'string',
  replay_of: 'string',
  request_bytes: 'bigint',
  response_bytes: 'bigint',
  cost_usd: 'double',
  metadata: 'json',
  measures: 'json',
} as const satisfies Record<string, ArchiveType>;

/** The folder of the archived calls in the bucket, whose days are folders in it. */
export const ARCHIVE_FOLDER = 'calls';

/** A day as it is written: 2026-11-20. */
export const archivedDay = z.iso.date('write a day, such as 2026-11-20');

/** What the function is asked: to bring a file of a day back, the first of which is 0. Otherwise it archives. */
export const restoreRequest = z.strictObject({
  restore: z.strictObject({
    day: archivedDay,
    part: z.int().min(0),
    /** For how many days it stays. */
    hold_days: z.int().min(1).max(365),
  }),
});
export type RestoreRequest = z.infer<typeof restoreRequest>['restore'];

/** What was brought back. The day is complete once `next_part` is null. */
export const restoreResult = z.object({
  day: archivedDay,
  /** How many calls of this file were not there yet. */
  restored: z.int(),
  files: z.int(),
  /** How many calls the whole day has. */
  rows: z.int(),
  next_part: z.int().nullable(),
});
export type RestoreResult = z.infer<typeof restoreResult>;
