import * as z from 'zod';
import { instant } from './time.ts';
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

const text = z.string().min(1).max(TEXT_LIMIT);
const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * The record of one call. The log line, the EMF document, the row and the API's answers use the same keys.
 * Absent optional keys are omitted from the line and are NULL in the row. Unknown keys are dropped and are never an
 * error, because a newer writer may run beside an older reader.
 */
export const invocation = z.object({
  schema: z.literal(SCHEMA),
  /** UUID; the wrapper writes version 7, whose time is `started_at`. */
  event_id: z.uuid(),
  kind: z.enum(KINDS),
  name: text,
  service: text,
  environment: text,
  /** The deployment's version. */
  version: text,

  /** When the caller sent the call; a reader has it in UTC to the millisecond. Together with `event_id` it is the row's key. */
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
  error_type: text.optional(),
  error_message: z.string().max(ERROR_MESSAGE_LIMIT).optional(),
  error_fingerprint: text.optional(),
  fault: z.enum(FAULTS).optional(),
  retryable: z.boolean().optional(),
  /** Number of attempts; 1 without a retry. */
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
  /** The `event_id` of the call that this one repeats because a person requested it. */
  replay_of: z.uuid().optional(),

  request_bytes: bytes.optional(),
  response_bytes: bytes.optional(),
  cost_usd: z.number().min(0).max(1e9).optional(),

  metadata: z.record(z.string(), z.json()).optional(),
  /** Business figures, by name; roll-ups add them up. */
  measures: z.record(text, z.number()).optional(),
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
