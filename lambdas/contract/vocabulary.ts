import { DAY_MS } from './durations.ts';

/**
 * The record's enumerations and limits. They are separate from its schema because every tool loads the wrapper, and zod
 * would be most of its size.
 */

/** The record's version. The log subscription filters on it, so it changes only when the meaning of a field changes. */
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

/** Who must act on a failure. A caller's fault never pages. */
export const FAULTS = ['caller', 'dependency', 'ours', 'platform'] as const;
export type Fault = (typeof FAULTS)[number];

/** The tenant of calls without a tenant. */
export const NO_TENANT = 'default';

/** The name that counts calls of unregistered tools, so that untrusted callers cannot create metrics. */
export const UNREGISTERED = '_OTHER';

/** Maximum length of an error message, in characters. */
export const ERROR_MESSAGE_LIMIT = 1_024;
/** Maximum length of every other string, in characters: a dimension may have 1,024, but people read fewer. */
export const TEXT_LIMIT = 512;
/** Maximum size of the metadata, in bytes of JSON. */
export const METADATA_LIMIT = 16_384;
/** Maximum plausible duration, in milliseconds: Lambda's own limit is 15 minutes, a job elsewhere may take days. */
export const DURATION_LIMIT_MS = 7 * DAY_MS;
