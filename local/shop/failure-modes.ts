import * as z from 'zod';

/** What the shop can be told to do wrong, for paths that begin with `path`, until `seconds` have passed or it is told otherwise. */
export const failureMode = z.object({
  path: z.string().startsWith('/').default('/'),
  effect: z.enum(['slow', 'fail', 'rate-limit']),
  /** How slow. */
  delay_ms: z.int().min(0).max(60_000).default(3_000),
  /** Without it: until told otherwise. */
  seconds: z.number().positive().optional(),
});
export type FailureMode = z.infer<typeof failureMode>;

/** The faults in force. A later one for the same path replaces the earlier. Time is asked of `now`, in milliseconds. */
export const failureModes = (now: () => number) => {
  const inForce = new Map<string, FailureMode & { until: number }>();
  const sweep = () => {
    for (const [path, { until }] of inForce) if (until <= now()) inForce.delete(path);
  };
  return {
    begin: (told: FailureMode): void => {
      inForce.set(told.path, {
        ...told,
        until: told.seconds ? now() + told.seconds * 1_000 : Number.POSITIVE_INFINITY,
      });
    },
    /** Ends the fault of that path, or all. */
    end: (path?: string): void => {
      if (path === undefined) inForce.clear();
      else inForce.delete(path);
    },
    /** The fault a request meets: that of the longest path it begins with. */
    met: (path: string): FailureMode | undefined => {
      sweep();
      const matching = [...inForce.values()].filter((one) => path.startsWith(one.path));
      return matching.sort((a, b) => b.path.length - a.path.length)[0];
    },
    all: (): FailureMode[] => {
      sweep();
      return [...inForce.values()].map(({ until, ...told }) => told);
    },
  };
};
