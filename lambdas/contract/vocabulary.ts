/** The closed words and the limits of the record. They stand apart from its schema because the wrapper is loaded by every tool, and zod would be most of its weight. */

/** The version of the record. It is also what the log subscription filters on, so it changes only with the meaning of a field. */
export const SCHEMA = 'toolwatch.v1';

export const KINDS = ['tool', 'http', 'webhook', 'rule', 'job', 'sync', 'dependency', 'query', 'probe'] as const;
export type Kind = (typeof KINDS)[number];

export const ERROR_CODES = [
  'INVALID_INPUT',
  'UNAUTHORIZED',
  'RATE_LIMITED',
  'TIMEOUT',
  'UPSTREAM_ERROR',
  'INTERNAL_ERROR',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Who must act. A caller's fault never pages anybody. */
export const FAULTS = ['caller', 'dependency', 'ours', 'platform'] as const;
export type Fault = (typeof FAULTS)[number];

/** The tenant of calls that name none. */
export const NO_TENANT = 'default';

/** The name under which calls of tools nobody registered are counted, so that a stranger cannot mint metrics. */
export const UNREGISTERED = '_OTHER';

/** The longest error message kept, in characters. */
export const ERROR_MESSAGE_LIMIT = 1_024;
/** The longest of every other string kept, in characters: a dimension may have 1,024, a person reads fewer. */
export const TEXT_LIMIT = 512;
/** The largest metadata kept, in bytes of JSON. */
export const METADATA_LIMIT = 16_384;
/** The longest duration believed: Lambda's own limit is 15 minutes, a job elsewhere may take days. In milliseconds. */
export const DURATION_LIMIT_MS = 7 * 86_400_000;
