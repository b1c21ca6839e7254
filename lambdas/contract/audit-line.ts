import * as z from 'zod';
import { TEXT_LIMIT_BYTES } from './limits.ts';
import { instant } from './time.ts';

/** The version of the line. The log subscription filters on it, so it changes only when a field's meaning changes. */
export const AUDIT_SCHEMA = 'toolwatch.audit.v1';

/**
 * How it is known who acted: a verified `token`, AWS's `iam`, or `stated` by the sender of a direct invocation, whom IAM
 * admitted and whose name nobody verified; or it was a function of the deployment itself, the `service`.
 */
export const ACTOR_KINDS = ['token', 'iam', 'stated', 'service'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** The largest description of a change, in bytes of JSON. */
export const MAX_CHANGE_BYTES = 16_384;
/** The longest reason and the longest error, in characters. */
export const MAX_AUDIT_TEXT = 1_000;

const name = z.string().min(1).max(TEXT_LIMIT_BYTES);
const text = z.string().max(MAX_AUDIT_TEXT);

/**
 * That somebody changed something of the deployment by hand, or tried to: one line, or one row, for each attempt. What
 * changes the store itself writes the row beside the change; what changes AWS writes the line.
 */
export const auditLine = z.object({
  schema: z.literal(AUDIT_SCHEMA),
  audit_id: z.uuid(),
  at: instant,
  actor: name,
  actor_kind: z.enum(ACTOR_KINDS),
  /** What was done, as a noun and a participle: `mute.created`, `alert_rule.changed`. */
  action: z
    .string()
    .regex(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/)
    .max(100),
  /** What it was done to: the id of a mute, of a rule, of an error group. */
  target: name,
  /** Why, in the words of the actor. */
  reason: text.optional(),
  success: z.boolean(),
  /** Why it did not succeed. */
  error: text.optional(),
  /** How the target was and how it is now, or what was asked for. */
  change: z
    .record(z.string(), z.unknown())
    .refine((change) => Buffer.byteLength(JSON.stringify(change)) <= MAX_CHANGE_BYTES, 'the change is too large')
    .optional(),
});
export type AuditLine = z.infer<typeof auditLine>;
