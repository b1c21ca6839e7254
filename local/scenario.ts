import * as z from 'zod';

/** A stretch of minutes of a scenario; minute 0 is its beginning. */
const stretch = {
  /** The first minute. */
  from: z.int().min(0).default(0),
  /** The minute in which it is over; by default the scenario's end. */
  until: z.int().min(1).optional(),
};
const share = z.number().min(0).max(1).default(0);

/** Calls of one tool. Shares are spread evenly, so that every run is the same. */
const traffic = z.strictObject({
  ...stretch,
  tool: z.string(),
  /** May be a fraction: 0.2 is a call every five minutes. */
  calls_per_minute: z.number().positive(),
  /** What a call takes, in milliseconds. */
  ms: z.number().positive().default(100),
  /** The share that takes `slow_ms` instead. */
  slow_share: share,
  slow_ms: z.number().positive().default(30_000),
  /** The share that fails, and not by the caller's fault. */
  error_share: share,
  /** The share that fails by the caller's fault. */
  caller_error_share: share,
  /** How many minutes later the lines arrive. */
  late_minutes: z.int().min(0).default(0),
});

/** A value that something else publishes every so often: a queue, the database, the pipeline. */
const reading = z.strictObject({
  ...stretch,
  namespace: z.string(),
  name: z.string(),
  /** Left out: every metric of that name that some alarm reads. */
  dimensions: z.record(z.string(), z.string()).optional(),
  value: z.number(),
  every_minutes: z.int().min(1).default(1),
});

/** Names alarms; `*` stands for anything but a slash. */
const pattern = z.string().min(1);

/**
 * What happens by minute and tool, and who must be told of it. Whoever is neither expected nor tolerated must not be:
 * a page too many is as wrong as one too few.
 */
export const scenario = z.strictObject({
  title: z.string(),
  /** In UTC. */
  starts_at: z.iso.datetime().default('2026-11-20T12:00:00Z'),
  minutes: z.int().min(1).max(4_320),
  traffic: z.array(traffic).default([]),
  readings: z.array(reading).default([]),
  /** The refresh works every five minutes unless this says until when. */
  refresh_stops_at: z.int().min(0).optional(),
  expected: z
    .array(
      z.strictObject({
        alarm: pattern,
        /** Not before this minute … */
        from: z.int().min(0).default(0),
        /** … and by this one. */
        by: z.int().min(1),
        /** When it must be over again; by default nobody asks. */
        over_by: z.int().min(1).optional(),
      }),
    )
    .default([]),
  /** May page, and need not. */
  tolerated: z.array(pattern).default([]),
});
export type Scenario = z.output<typeof scenario>;
export type Traffic = z.output<typeof traffic>;

export const matches = (wanted: string, name: string): boolean =>
  new RegExp(`^${wanted.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`).test(name);
