/**
 * The record's enumerations. They are separate from its schema because every tool loads the wrapper, and zod would be
 * most of its size.
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

/** The levels that a function may log from; a higher one would drop the lines of calls. */
export const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Which requests of the gateway and of the api have a line, where no tool's line stands for them: those that failed by
 * our fault, also those that were refused, or all. There is no `none`, because a failure of ours must never go unseen.
 */
export const REQUEST_LINES = ['failures', 'refusals', 'all'] as const;
export type RequestLines = (typeof REQUEST_LINES)[number];

/** The tenant of calls without a tenant. It is nobody's own: a caller that claims it is not given it. */
export const NO_TENANT = 'default';

/** What a reader asks for to see all tenants' calls, so no call may have it as its tenant. */
export const EVERY_TENANT = '*';

/** The name of the lines of kind `job` that only carry metrics of one's own, and are no jobs. */
export const METRICS_ONLY = '_metrics';

/** The name that counts calls of unregistered tools, so that untrusted callers cannot create metrics. */
export const UNREGISTERED = '_OTHER';
