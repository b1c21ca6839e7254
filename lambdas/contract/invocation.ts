import * as z from 'zod';
import {
  DURATION_LIMIT_MS,
  ERROR_CODES,
  ERROR_MESSAGE_LIMIT,
  type ErrorCode,
  FAULTS,
  type Fault,
  KINDS,
  SCHEMA,
  TEXT_LIMIT,
} from './vocabulary.ts';

export type { ErrorCode, Fault, Kind } from './vocabulary.ts';
export {
  DURATION_LIMIT_MS,
  ERROR_CODES,
  ERROR_MESSAGE_LIMIT,
  FAULTS,
  KINDS,
  METADATA_LIMIT,
  NO_TENANT,
  SCHEMA,
  TEXT_LIMIT,
  UNREGISTERED,
} from './vocabulary.ts';

const text = z.string().min(1).max(TEXT_LIMIT);
const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const instant = z.iso.datetime({ precision: 3 });

/**
 * One call: the log line, the EMF document, the row and what the API answers, under the same keys.
 * Absent optional keys are left out of the line and are NULL in the row. Unknown keys are dropped, never an error:
 * a newer writer may run beside an older reader.
 */
export const invocation = z.object({
  schema: z.literal(SCHEMA),
  /** UUID; version 7 when we write it, and then its time is `started_at`. */
  event_id: z.uuid(),
  kind: z.enum(KINDS),
  name: text,
  service: text,
  environment: text,
  /** Of the deployment. */
  version: text,

  /** When the call was handed over, in UTC to the millisecond. With `event_id` it is the row's key. */
  started_at: instant,
  finished_at: instant,
  /** What the work itself took, measured by a monotonic clock; shorter than finished_at - started_at when an environment had to start. */
  duration_ms: z.number().min(0).max(DURATION_LIMIT_MS),
  cold_start: z.boolean(),

  success: z.boolean(),
  error_code: z.enum(ERROR_CODES).optional(),
  error_type: text.optional(),
  error_message: z.string().max(ERROR_MESSAGE_LIMIT).optional(),
  error_fingerprint: text.optional(),
  fault: z.enum(FAULTS).optional(),
  retryable: z.boolean().optional(),
  /** How often the work was tried; 1 when nothing was retried. */
  attempts: z.int().min(1).max(1_000),

  tenant_id: text,
  user_id: text.optional(),
  session_id: text.optional(),
  gpt_name: text.optional(),
  source_gpt: text.optional(),
  client_name: text.optional(),
  client_version: text.optional(),
  user_agent: text.optional(),
  provider: text.optional(),
  domain: text.optional(),

  correlation_id: text,
  trace_id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  /** The `event_id` of the call that made this one. */
  parent_id: z.uuid().optional(),
  /** The `event_id` of the call this one repeats on a person's order. */
  replay_of: z.uuid().optional(),

  request_bytes: bytes.optional(),
  response_bytes: bytes.optional(),
  cost_usd: z.number().min(0).max(1e9).optional(),

  metadata: z.record(z.string(), z.json()).optional(),
  /** Business figures: name to number. Summed in roll-ups. */
  measures: z.record(text, z.number()).optional(),
});

/** A record as a reader gets it. */
export type Invocation = z.infer<typeof invocation>;

/** The record's columns in order; the table has exactly these, and what only the store knows (`created_at`, `batch_id`). */
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

/** A record as a writer must give it: a failure always says its code, its words and whose fault it is; a success never does. */
export type WrittenInvocation = Omit<Invocation, keyof Extract<Outcome, { success: false }>> & {
  retryable?: boolean;
} & Outcome;
