import * as z from 'zod';
import { KEY_PATTERN, TEXT_LIMIT_BYTES } from '../limits.ts';

/**
 * How a job stands: it waits, runs, was made, failed for good, or is held back by a person. These are the words of the
 * systems before, whose queries the views answer.
 */
export const JOB_STATUSES = ['pending', 'processing', 'processed', 'error', 'quarantined'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Where a job comes from: a hook of an outside service, a schedule of the settings, or a person. */
export const JOB_ORIGINS = ['hook', 'schedule', 'person'] as const;

/** The largest payload of a job, in bytes. As Base64 in a message of the queue it takes a third more; SQS takes 1 MiB. */
export const JOB_PAYLOAD_LIMIT_BYTES = 524_288;

/** The name of a source: it is a part of a path, of a metric's dimension and of a secret's name. */
export const sourceName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'write at most 40 lower-case letters, digits and hyphens, a letter first');

const key = z.string().min(1).max(TEXT_LIMIT_BYTES).regex(KEY_PATTERN);

/** A job as whoever accepted it states it; the queue's messages and the requests to store some carry it as JSON. */
export const acceptedJob = z.strictObject({
  job_id: z.uuidv7(),
  origin: z.enum(JOB_ORIGINS),
  source: key,
  /** How the source names this delivery; what it sends again with the same key is the same job. */
  delivery_key: key.optional(),
  tool: z.string().min(1).max(64),
  tenant_id: key,
  received_at: z.iso.datetime(),
  /** Not before; at once where it is absent. */
  due_at: z.iso.datetime().optional(),
  max_attempts: z.int().min(1).max(100),
  /** Of a synchronisation, whose runs are records of kind `sync` named `direction:entity_type`. */
  sync: z.strictObject({ direction: key, entity_type: key }).optional(),
  content_type: z.string().max(TEXT_LIMIT_BYTES).optional(),
  /** What arrived, as Base64. The tool's arguments, as JSON in UTF-8, are made of it by `contract/jobs/arguments.ts`. */
  payload: z.base64(),
});
export type AcceptedJob = z.infer<typeof acceptedJob>;
