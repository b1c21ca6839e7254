import * as z from 'zod';

export const databaseSettings = z
  .strictObject({
    /** `aurora` is Aurora PostgreSQL Serverless v2: it grows with its load, and costs three times as much when idle. */
    kind: z.enum(['instance', 'aurora']).default('instance'),
    /** Of kind `instance`. */
    instance: z
      .enum(['t4g.micro', 't4g.small', 't4g.medium', 't4g.large', 'm7g.large', 'r7g.large'])
      .default('t4g.micro'),
    storageGb: z.int().min(20).max(16_384).default(20),
    /**
     * Of kind `aurora`: between these it grows, in capacity units of 2 GiB. At 0 it pauses after five minutes without a connection;
     * functions keep theirs for as long as Lambda keeps them, so that it does so in quiet nights at best.
     */
    minCapacity: z.number().multipleOf(0.5).min(0).max(256).default(0.5),
    maxCapacity: z.number().multipleOf(0.5).min(1).max(256).default(4),
    /** A standby in a second zone. */
    multiAz: z.boolean().default(false),
    /** RDS Proxy between functions and database: wanted when reserved concurrency no longer bounds the connections. */
    proxy: z.boolean().default(false),
  })
  .prefault({});

export type DatabaseSettings = z.output<typeof databaseSettings>;

/** So long Aurora waits for a connection before it pauses, unless told otherwise: "Scaling to Zero ACUs" in its guide. */
const PAUSES_AFTER_MINUTES = 5;

/** What cannot be together, or would never show, in sentences that say what to write. */
export const validateDatabaseSettings = (
  { kind, minCapacity, maxCapacity, storageGb, instance, proxy }: DatabaseSettings,
  { refreshMinutes }: { refreshMinutes: number },
): string[] => {
  const wrong: string[] = [];
  if (minCapacity > maxCapacity) {
    wrong.push(
      `Setting database: it cannot grow from ${minCapacity} to ${maxCapacity}; write minCapacity ≤ maxCapacity.`,
    );
  }
  if (kind === 'aurora' && (storageGb !== 20 || instance !== 't4g.micro')) {
    wrong.push('Setting database: Aurora has neither instance nor storageGb; write minCapacity and maxCapacity.');
  }
  if (kind === 'instance' && (minCapacity !== 0.5 || maxCapacity !== 4)) {
    wrong.push("Setting database: an instance has no minCapacity and maxCapacity; write kind: 'aurora', or instance.");
  }
  if (kind === 'aurora' && minCapacity === 0 && proxy) {
    wrong.push(
      'Setting database.minCapacity: a proxy keeps connections open, and with 0 Aurora pauses only where there are none; write minCapacity: 0.5, or proxy: false.',
    );
  }
  if (kind === 'aurora' && minCapacity === 0 && refreshMinutes <= PAUSES_AFTER_MINUTES) {
    wrong.push(
      `Setting database.minCapacity: with 0 Aurora pauses after ${PAUSES_AFTER_MINUTES} minutes without a connection, and refresh connects every ${refreshMinutes}; write minCapacity: 0.5, or refreshMinutes: 60.`,
    );
  }
  return wrong;
};
