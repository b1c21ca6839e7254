import * as z from 'zod';

/**
 * How the shop misbehaves for paths that begin with `path`, until `seconds` have passed or the failure mode is ended.
 */
export const failureMode = z.object({
  path: z.string().startsWith('/').default('/'),
  effect: z.enum(['slow', 'fail', 'rate-limit']),
  /** How long `slow` delays an answer. */
  delay_ms: z.int().min(0).max(60_000).default(3_000),
  /** Left out, it lasts until it is ended. */
  seconds: z.number().positive().optional(),
});
export type FailureMode = z.infer<typeof failureMode>;

/** The failure modes in force, at most one per path: a later one replaces an earlier one. `now` is in milliseconds. */
export const createFailureModes = (now: () => number) => {
  const inForce = new Map<string, FailureMode & { until: number }>();
  const removeExpired = () => {
    for (const [path, { until }] of inForce) if (until <= now()) inForce.delete(path);
  };
  return {
    begin: (mode: FailureMode): void => {
      const until = mode.seconds ? now() + mode.seconds * 1_000 : Number.POSITIVE_INFINITY;
      inForce.set(mode.path, { ...mode, until });
    },
    /** Ends the failure mode of a path; without a path, all of them. */
    end: (path?: string): void => {
      if (path === undefined) inForce.clear();
      else inForce.delete(path);
    },
    /** The failure mode of a request: the one with the longest path that the request's path begins with. */
    find: (requestPath: string): FailureMode | undefined => {
      removeExpired();
      const matching = [...inForce.values()].filter(({ path }) => requestPath.startsWith(path));
      return matching.sort((a, b) => b.path.length - a.path.length)[0];
    },
    list: (): FailureMode[] => {
      removeExpired();
      return [...inForce.values()].map(({ until, ...mode }) => mode);
    },
  };
};
