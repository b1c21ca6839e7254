/** What a component's health is said in. Free of zod, for functions of other apps. */

export const HEALTH = ['ok', 'degraded', 'unhealthy', 'unknown'] as const;
export type Health = (typeof HEALTH)[number];

/** The words of `status` in those of monitoring systems that say `healthy`. */
export const HEALTH_WORDS = {
  ok: 'healthy',
  degraded: 'degraded',
  unhealthy: 'unhealthy',
  unknown: 'unknown',
} as const satisfies Record<Health, string>;

/** What a check found. */
export interface Finding {
  status: Health;
  message: string;
}

/** The longest message of a check that is written and shown, in characters. */
export const HEALTH_MESSAGE_LIMIT = 300;
