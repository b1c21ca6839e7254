import * as z from 'zod';
import { HOOK_DEFAULTS } from '../../lambdas/contract/env/hooks.ts';
import { HOOK_SCHEMES } from '../../lambdas/contract/jobs/hook-schemes.ts';
import { JOB_PAYLOAD_LIMIT_BYTES, sourceName } from '../../lambdas/contract/jobs/job.ts';
import { parseSchedule } from '../../lambdas/contract/schedule-expression.ts';
import { secretLocation, variableName } from './secret-settings.ts';
import { scheduleExpression, timeZone } from './values.ts';

const toolName = z.string().min(1).max(64);

const jobSchedule = z.strictObject({
  name: sourceName.describe('The source of its jobs.'),
  tool: toolName.describe('The tool that is called.'),
  arguments: z.record(z.string(), z.unknown()).default({}).describe('What it is called with.'),
  at: scheduleExpression((text) => parseSchedule(text, 0)).describe(
    'When, such as `rate(1 hour)` or `cron(0 4 * * ? *)`.',
  ),
  timeZone: timeZone.default('UTC').describe('Whose clocks `at` means.'),
  sync: z
    .strictObject({
      direction: z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'write a word such as inbound')
        .describe('Such as `inbound`.'),
      entityType: z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'write a word such as contact')
        .describe('Such as `contact`.'),
    })
    .optional()
    .describe('Says that it synchronises, and what: its runs are in `sync_log`.'),
});

export const jobSettings = z
  .union([
    z.literal(false),
    z.strictObject({
      concurrency: z.int().min(1).max(50).default(5).describe('How many jobs may run at the same time.'),
      attempts: z
        .int()
        .min(1)
        .max(20)
        .default(8)
        .describe('How often a job is tried whose tool fails in a way that may pass, over about a day.'),
      schedules: z.array(jobSchedule).max(50).default([]).describe('Tools that are called by a schedule.'),
    }),
  ])
  .default(false)
  .describe(
    'Calls of tools that wait in the database until a worker makes them: those of `hooks`, of schedules, and those that the ' +
      'operator asks for. `{}` deploys what they need.',
  );

const hook = z.strictObject({
  source: sourceName.describe('The last part of its address, `/hooks/{source}`.'),
  scheme: z.enum(HOOK_SCHEMES).describe('How the sender signs ([what each checks](jobs.md)).'),
  tool: toolName.describe('The tool that is called; it must be read-only, idempotent, or take an idempotency key.'),
  argument: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("The tool's argument that gets the body. Default: the body's own keys are the arguments."),
  tenant: z
    .string()
    .regex(/^[\w.:@+/|=~-]{1,128}$/, 'write 1 to 128 letters, digits or _ . : @ + / | = ~ -')
    .optional()
    .describe('Whose calls they are, where there are tenants.'),
  secret: secretLocation
    .optional()
    .describe(
      "Where the sender's secret is stored. Default: the stack creates one in Secrets Manager, and you give it the value.",
    ),
  secretName: variableName
    .optional()
    .describe(
      'The name of its secret in `.env.local`, and of one that the stack creates. Default: `HOOK_` and the source in capitals.',
    ),
  maxBytes: z.int().min(1).max(JOB_PAYLOAD_LIMIT_BYTES).default(HOOK_DEFAULTS.maxBytes).describe('The largest body.'),
  toleranceSeconds: z
    .int()
    .min(10)
    .max(86_400)
    .default(HOOK_DEFAULTS.toleranceSeconds)
    .describe('How old a signed time may be, and how far ahead.'),
});

export const hookSettings = z
  .array(hook)
  .max(40)
  .default([])
  .describe('Outside services that send events; each becomes a job. They need the setting `jobs`.');

/** The settings of jobs, where there are some. */
export type DeployedJobSettings = Exclude<z.output<typeof jobSettings>, false>;

export type HookSettings = z.output<typeof hook>;

interface JobsAndHooks {
  readonly jobs: z.output<typeof jobSettings>;
  readonly hooks: readonly HookSettings[];
  readonly tenants: boolean;
}

/** Jobs and hooks that cannot be deployed, in sentences that say what to write. */
export function validateJobSettings({ jobs, hooks, tenants }: JobsAndHooks): string[] {
  const sources = [...hooks.map(({ source }) => source), ...(jobs ? jobs.schedules.map(({ name }) => name) : [])];
  const duplicate = sources.find((source, index) => sources.indexOf(source) !== index);
  const withTenant = hooks.find(({ tenant }) => tenant !== undefined);
  return [
    ...(hooks.length > 0 && !jobs ? ['Setting hooks: events become jobs, and there are none; write jobs: {}.'] : []),
    ...(duplicate !== undefined
      ? [`Setting hooks: ${duplicate} is listed twice, among hooks or schedules of jobs; rename one of the two.`]
      : []),
    ...(withTenant && !tenants
      ? [
          `Setting hooks: ${withTenant.source} names a tenant, and there are none; write tenants: true, or leave it out.`,
        ]
      : []),
  ];
}
