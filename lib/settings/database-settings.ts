import * as z from 'zod';

/** Arm, and of the generations that RDS offers for PostgreSQL 18. */
export const INSTANCE_CLASSES = [
  't4g.micro',
  't4g.small',
  't4g.medium',
  't4g.large',
  'm7g.large',
  'r7g.large',
] as const;

export const databaseSettings = z
  .strictObject({
    kind: z
      .enum(['instance', 'aurora'])
      .default('instance')
      .describe(
        '`aurora` is Aurora PostgreSQL Serverless v2: it scales with its load, and costs three times as ' +
          'much when idle.',
      ),
    instance: z.enum(INSTANCE_CLASSES).default('t4g.micro').describe('Of the kind `instance`: its class.'),
    storageGb: z.int().min(20).max(16_384).default(20).describe('Of the kind `instance`: its storage in GB.'),
    minCapacity: z
      .number()
      .multipleOf(0.5)
      .min(0)
      .max(256)
      .default(0.5)
      .describe(
        'Of the kind `aurora`: it scales between these, in capacity units of 2 GiB. At 0 it pauses after ' +
          'five minutes without a connection; functions hold theirs for as long as Lambda keeps them ' +
          'running, so it pauses in quiet nights at best.',
      ),
    maxCapacity: z
      .number()
      .multipleOf(0.5)
      .min(1)
      .max(256)
      .default(4)
      .describe('Of the kind `aurora`: the most it scales to, in capacity units of 2 GiB.'),
    multiAz: z.boolean().default(false).describe('A standby in a second zone.'),
    proxy: z
      .union([z.boolean(), z.literal('unused')], "write true, false or 'unused'")
      .default(false)
      .describe(
        'RDS Proxy between functions and database: for when reserved concurrency no longer bounds the connections. ' +
          '`unused` keeps it while nothing connects through it: the step between `true` and `false`.',
      ),
    version: z
      .string()
      .optional()
      .describe(
        'The version of PostgreSQL. Default: 18 of an instance, and of Aurora a version that it names in full.',
      ),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A file of PEM certificates that the functions accept as the authority of the database, beside those that ' +
          'come with Toolwatch: for GovCloud, China and the newest regions.',
      ),
  })
  .prefault({})
  .describe('The kind and size of the database.');

export type DatabaseSettings = z.output<typeof databaseSettings>;

/** Aurora's default time without a connection before it pauses: "Scaling to Zero ACUs" in its guide. */
const PAUSE_AFTER_MINUTES = 5;

/** Settings that contradict each other or would have no effect, in sentences that say what to write. */
export const validateDatabaseSettings = (
  { kind, minCapacity, maxCapacity, storageGb, instance, proxy }: DatabaseSettings,
  { refreshMinutes }: { refreshMinutes: number },
): string[] => {
  const problems: string[] = [];
  if (minCapacity > maxCapacity) {
    problems.push(
      `Setting database: it cannot scale from ${minCapacity} to ${maxCapacity}; write minCapacity ≤ maxCapacity.`,
    );
  }
  if (kind === 'aurora' && (storageGb !== 20 || instance !== 't4g.micro')) {
    problems.push('Setting database: Aurora has neither instance nor storageGb; write minCapacity and maxCapacity.');
  }
  if (kind === 'instance' && (minCapacity !== 0.5 || maxCapacity !== 4)) {
    problems.push(
      "Setting database: an instance has no minCapacity and maxCapacity; write kind: 'aurora', or instance.",
    );
  }
  if (kind === 'aurora' && minCapacity === 0 && proxy === true) {
    problems.push(
      'Setting database.minCapacity: with 0 Aurora pauses only while it has no connections, ' +
        'but a proxy holds connections open; write minCapacity: 0.5, or proxy: false.',
    );
  }
  if (kind === 'aurora' && minCapacity === 0 && refreshMinutes <= PAUSE_AFTER_MINUTES) {
    problems.push(
      `Setting database.minCapacity: with 0 Aurora pauses after ${PAUSE_AFTER_MINUTES} minutes without a connection, ` +
        `but refresh connects every ${refreshMinutes} minutes; write minCapacity: 0.5, or refreshMinutes: 60.`,
    );
  }
  return problems;
};
