import * as z from 'zod';

/** The most rows that one answer has, and how many it has unless more or fewer are asked for. */
export const MAX_ROWS = 10_000;
export const DEFAULT_ROWS = 1_000;
/** The most that the rows of one answer may take, in bytes of JSON: Lambda refuses answers above 6 MB. */
export const MAX_ANSWER_BYTES = 5_000_000;
/** How long a statement may run. */
export const MAX_STATEMENT_SECONDS = 30;
/** The longest statement, in characters. */
const MAX_STATEMENT_LENGTH = 100_000;
const MAX_NAME_LENGTH = 2_048;

/** What the function that runs people's statements is sent. */
export const sqlRequest = z.strictObject({
  statement: z.string().max(MAX_STATEMENT_LENGTH),
  /** The tenant whose rows alone the statement sees; by default it sees all tenants'. */
  tenant: z
    .string()
    .max(MAX_NAME_LENGTH)
    .refine((tenant) => tenant !== '' && tenant !== '*' && !tenant.includes('\0'), 'it is the name of one tenant')
    .optional(),
  rows: z.int().min(1).max(MAX_ROWS).default(DEFAULT_ROWS),
  /** Who asks, as the sender says: the ARN of an IAM principal. */
  asked_by: z.string().max(MAX_NAME_LENGTH).optional(),
});
export type SqlRequest = z.input<typeof sqlRequest>;

const sqlColumn = z.object({
  name: z.string(),
  /** As PostgreSQL names it, such as `timestamp with time zone`. */
  type: z.string(),
});
export type SqlColumn = z.infer<typeof sqlColumn>;

const sqlRows = z.object({
  columns: z.array(sqlColumn),
  /** Values as PostgreSQL writes them, with times in UTC; null for NULL. */
  rows: z.array(z.array(z.string().nullable())),
  /** Why there are not all rows, in a sentence; null when there are. */
  left_off: z.string().nullable(),
});
export type SqlRows = z.infer<typeof sqlRows>;

const sqlError = z.object({
  /** A sentence: the database's, or one of ours. */
  message: z.string(),
  /** The database's SQLSTATE. */
  code: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  /** Where in the statement, in characters, from 1. */
  position: z.int().optional(),
});
export type SqlError = z.infer<typeof sqlError>;

/** What the function answers: rows, or why there are none. */
export const sqlAnswer = z.union([sqlRows, z.object({ error: sqlError })]);
export type SqlAnswer = z.infer<typeof sqlAnswer>;
