import * as z from 'zod';
import { fitMetadata } from './fit-metadata.ts';
import {
  ATTEMPTS_LIMIT,
  COST_LIMIT_USD,
  DURATION_LIMIT_MS,
  ERROR_MESSAGE_LIMIT_BYTES,
  fitsInBytes,
  isStorable,
  KEY_PATTERN,
  MEASURE_LIMIT,
  MEASURES_LIMIT,
  METADATA_DEPTH_LIMIT,
  METADATA_LIMIT_BYTES,
  TEXT_LIMIT_BYTES,
} from './limits.ts';
import { instant } from './time.ts';
import { ERROR_CODES, type ErrorCode, EVERY_TENANT, FAULTS, type Fault, KINDS, SCHEMA } from './vocabulary.ts';

/** Text that people read. It may be cut. */
const words = (limit: number) =>
  z
    .string()
    .min(1)
    .max(limit)
    .refine((text) => fitsInBytes(text, limit), `more than ${limit} bytes of UTF-8`)
    .refine(isStorable, 'contains NUL or half of a surrogate pair, which the database cannot store');
const label = words(TEXT_LIMIT_BYTES);
/** Text by which calls are grouped, joined or separated. It is never cut: two keys must not become one. */
const key = z
  .string()
  .min(1)
  .max(TEXT_LIMIT_BYTES)
  .regex(KEY_PATTERN, 'contains a control character or half of a surrogate pair')
  .refine((text) => fitsInBytes(text, TEXT_LIMIT_BYTES), `more than ${TEXT_LIMIT_BYTES} bytes of UTF-8`);
const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * The record of one call. The log line, the EMF document, the row and the API's answers use the same keys.
 * Absent optional keys are omitted from the line and are NULL in the row. Unknown keys are dropped and are never an
 * error, because a newer writer may run beside an older reader. A line that is beyond these limits is made to fit and
 * stored (`lambdas/observe/line/fit-record.ts`); null and an empty text mean absent.
 */
export const invocation = z.object({
  schema: z.literal(SCHEMA),
  /** UUID of any version; the wrapper writes version 7, whose time is `started_at`. */
  event_id: z.guid(),
  kind: z.enum(KINDS),
  name: key,
  service: label,
  environment: label,
  /** The deployment's version. */
  version: label,

  /**
   * When the caller sent the call; a reader has it in UTC to the millisecond. Together with `event_id` it is the row's
   * key.
   */
  started_at: instant,
  finished_at: instant,
  /**
   * Duration of the work itself, by a monotonic clock; shorter than finished_at - started_at when an execution
   * environment had to start first.
   */
  duration_ms: z.number().min(0).max(DURATION_LIMIT_MS),
  cold_start: z.boolean(),

  success: z.boolean(),
  error_code: z.enum(ERROR_CODES).optional(),
  error_type: label.optional(),
  error_message: words(ERROR_MESSAGE_LIMIT_BYTES).optional(),
  error_fingerprint: key.optional(),
  fault: z.enum(FAULTS).optional(),
  retryable: z.boolean().optional(),
  /** Number of attempts; 1 without a retry. */
  attempts: z.int().min(1).max(ATTEMPTS_LIMIT),

  tenant_id: key.regex(new RegExp(`^(?!\\${EVERY_TENANT}$)`), `"${EVERY_TENANT}" stands for every tenant`),
  user_id: key.optional(),
  session_id: key.optional(),
  gpt_name: label.optional(),
  source_gpt: label.optional(),
  client_name: label.optional(),
  client_version: label.optional(),
  user_agent: label.optional(),
  provider: label.optional(),
  domain: label.optional(),

  correlation_id: key,
  trace_id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  /** The `event_id` of the call that made this one. */
  parent_id: z.guid().optional(),
  /** The `event_id` of the call that this one repeats because a person requested it. */
  replay_of: z.guid().optional(),

  request_bytes: bytes.optional(),
  response_bytes: bytes.optional(),
  cost_usd: z.number().min(0).max(COST_LIMIT_USD).optional(),

  metadata: z
    .record(z.string(), z.json())
    .refine((metadata) => {
      const fitted = fitMetadata(metadata);
      return 'json' in fitted && fitted.isUnchanged;
    }, `not what jsonb takes, or more than ${METADATA_LIMIT_BYTES} bytes, or nested more than ${METADATA_DEPTH_LIMIT} deep`)
    .optional(),
  /** Business figures, by name; roll-ups add them up. */
  measures: z
    .record(key, z.number().min(-MEASURE_LIMIT).max(MEASURE_LIMIT))
    .refine((measures) => Object.keys(measures).length <= MEASURES_LIMIT, `more than ${MEASURES_LIMIT} measures`)
    .meta({ maxProperties: MEASURES_LIMIT })
    .optional(),
});

/** A record as a reader parses it. */
export type Invocation = z.infer<typeof invocation>;

/** The record's columns in order; the table has exactly these and the store's own `created_at` and `batch_id`. */
export const COLUMNS = Object.keys(invocation.shape).filter((key) => key !== 'schema') as (keyof Omit<
  Invocation,
  'schema'
>)[];

type Outcome =
  | {
      success: true;
      error_code?: never;
      error_type?: never;
      error_message?: never;
      error_fingerprint?: never;
      fault?: never;
    }
  | {
      success: false;
      error_code: ErrorCode;
      error_type: string;
      error_message: string;
      error_fingerprint: string;
      fault: Fault;
      retryable: boolean;
    };

/**
 * A record as a writer must provide it: a failure always has its code, type, message and fault, and a success has none
 * of them.
 */
export type WrittenInvocation = Omit<Invocation, keyof Extract<Outcome, { success: false }>> & {
  retryable?: boolean;
} & Outcome;
