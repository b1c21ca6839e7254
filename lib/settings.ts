import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { InvalidSchedule, parseCron, parseMute } from '../lambdas/contract/schedule-expression.ts';
import { databaseSettings, validateDatabaseSettings } from './settings/database-settings.ts';
import { frontDoorSettings, validateFrontDoorSettings } from './settings/front-door-settings.ts';
import { rolloutSettings, validateRolloutSettings } from './settings/rollout-settings.ts';
import { TAG_VALUE, WRITE_TAG_VALUE } from './settings/tag-value.ts';

/** Everything a deployment may choose. The defaults suit ten tools and a million calls a month. */

const email = z.email('write an e-mail address');
const httpsUrl = z.url({ protocol: /^https$/, error: 'write an address that begins with https://' });

/** What is put on resources as a tag. */
const tagValue = z.string().min(1).max(64).regex(TAG_VALUE, WRITE_TAG_VALUE);

/** A schedule, refused as AWS would refuse it at deployment. */
const expression = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof InvalidSchedule)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

const targets = z
  .strictObject({
    /** Each must confirm the message AWS sends it once. */
    emails: z.array(email).default([]),
    /** Webhooks; each must confirm itself by opening the SubscribeURL it is sent, as pagers do. */
    https: z.array(httpsUrl).default([]),
  })
  .prefault({});

/** What a queue of work may hold before somebody is told. */
const queueLimits = {
  /** So many messages for five minutes are a warning. */
  warningDepth: z.int().min(1).default(500),
  /** So many wake somebody. */
  criticalDepth: z.int().min(1).default(1_000),
  /** How long a message may wait. */
  oldestMinutes: z.int().min(1).max(20_160).default(10),
};
export type QueueLimits = z.output<z.ZodObject<typeof queueLimits>>;
export const QUEUE_LIMITS: QueueLimits = z.object(queueLimits).parse({});

const settingsSchema = z.strictObject({
  /** Names everything that has a name: functions, log groups, stacks, the `service` of every metric. */
  service: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,19}$/, 'write 2 to 20 lower-case letters, digits and hyphens, a letter first')
    .default('toolwatch'),
  environment: tagValue.default('production'),
  /** What to call this deployment; by default it is the fingerprint of the code. */
  version: z.string().min(1).max(64).optional(),
  /** Where to deploy. Left out, wherever the CLI's credentials point. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'write the twelve digits of the account')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'write a region such as eu-central-1')
    .optional(),
  /** Who is responsible where an alarm names nobody else. */
  owner: tagValue.default('platform'),
  /** Where docs/runbook.md can be read; alarms link to its headings. */
  runbookUrl: httpsUrl.optional(),
  /** Who is told: `critical` wakes, `warning` waits for the morning. */
  alerts: z.strictObject({ critical: targets, warning: targets }).prefault({}),
  /** Encryption of alert topics at rest. `key` costs a dollar a month; alert texts hold no arguments and no results. */
  topicEncryption: z.enum(['none', 'key']).default('none'),
  /** Values of the environment variables that tools name in their facts. */
  toolSettings: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'write the name in CAPITALS'), z.string()).default({}),
  /**
   * Users' ids are kept under a hash with this key, so that nobody without it can tell who called. It is part of the
   * template: whoever may read the stack can read it.
   */
  userHashKey: z.string().min(16, 'write at least 16 characters, chosen by chance').optional(),
  /** X-Ray traces of gateway and tools: 5 dollars a million calls recorded. */
  tracing: z.boolean().default(false),
  alarms: z
    .strictObject({
      /** Length of one window of a tool's alarms, in seconds. */
      periodSeconds: z.literal([60, 120, 180, 300, 600, 900], 'write 60, 120, 180, 300, 600 or 900').default(300),
      /** How many of the last `windows` must be bad. */
      badWindows: z.int().min(1).max(10).default(2),
      windows: z.int().min(1).max(10).default(4),
      /** The share of failing calls, 0 to 1, at which any tool is worth a warning, whatever its own alarm allows. */
      fleetErrorRate: z.number().gt(0).lt(1).default(0.05),
      /** Watch for callers who suddenly do wrong what they used to do right. 0.60 dollars a tool and month. */
      callerFaultShift: z.boolean().default(false),
      /** How long a new or changed alarm only watches. */
      warmUpMinutes: z.int().min(0).max(2_880).default(15),
    })
    .prefault({}),
  /**
   * `lean` saves 5.70 dollars a month and 0.30 a tool, and leaves out the earlier warnings (a rare tool's, the fleet's, each hop's
   * of the pipeline) and the CloudWatch dashboard: that calls got lost is told an hour later, without saying where.
   */
  monitoring: z.enum(['full', 'lean']).default('full'),
  /** Queues of work, of tools or of whoever feeds them, that are to be watched. 0.30 dollars a queue and month. */
  queues: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,80}(\.fifo)?$/, 'write the name of an SQS queue, not its ARN or address'),
        ...queueLimits,
        owner: tagValue.optional(),
      }),
    )
    .default([]),
  /** Probes that somebody runs (lines of kind `probe`) and that must be heard of. 0.10 dollars a probe and month. */
  probes: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w-]{1,48}$/, 'write the name on its lines: letters, digits, _ and -'),
        silentAfterMinutes: z.int().min(5).max(1_440).default(15),
        owner: tagValue.optional(),
      }),
    )
    .default([]),
  /** When some alarms tell nobody. */
  mutes: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]+$/, 'write lower-case letters, digits and hyphens'),
        reason: z.string().min(1),
        /** In UTC, five fields: `cron(0 2 * * 6)`, or once: `at(2027-01-31T02:00)`. */
        at: expression(parseMute),
        minutes: z.int().min(1).max(21_600),
        /** Alarms' names; `*` stands for anything but a slash. */
        alarms: z.array(z.string().min(1)).min(1),
      }),
    )
    .default([]),
  rollout: rolloutSettings,
  /**
   * Over how many nested stacks tools are spread; 0 for none. Choose once: another number moves tools to stacks in which their
   * names are still taken.
   */
  toolGroups: z.int().min(0).max(100).default(16),
  /** What the bill printed at synthesis reckons with. */
  traffic: z
    .strictObject({
      callsPerMonth: z.int().min(0).default(1_000_000),
      /** What a tool takes on average, in milliseconds. */
      toolMs: z.number().min(1).max(840_000).default(100),
    })
    .prefault({}),
  /** Dollars a month that synthesis refuses to go over, at that traffic. */
  budget: z.number().gt(0).optional(),
  /**
   * At the end of each deployment a read-only tool is called through the gateway, and its metric, its row and its alarm's
   * way to people are looked for; when one is missing the deployment fails. `false` does without.
   */
  smokeTest: z
    .union([
      z.literal(false),
      z.strictObject({
        /** By default the first read-only tool that takes the arguments. */
        tool: z.string().optional(),
        arguments: z.record(z.string(), z.unknown()).default({}),
        /** How long a line may take to become metric and row. */
        patienceSeconds: z.int().min(1).max(600).default(240),
      }),
    ])
    .prefault({}),
  frontDoor: frontDoorSettings,
  /**
   * Whether calls belong to tenants, each of whom sees its own only. Who a caller's tenant is, the JWT's claim says, or
   * behind IAM the header `x-tenant-id`. Without tenants there is one house, and the header is refused.
   */
  tenants: z.boolean().default(false),
  /** Once a week an alarm of each severity is set off, marked as a drill, to see that somebody is still told. `false` does without. */
  drill: z
    .union([
      z.literal(false),
      z.strictObject({
        /** In UTC, six fields. */
        at: expression(parseCron).default('cron(0 10 ? * TUE *)'),
        /** How long it may take until somebody is told. */
        patienceSeconds: z.int().min(1).max(840).default(600),
      }),
    ])
    .prefault({}),
  /**
   * Of the gateway, which is billed for it while it waits for a tool: 192 save a fifth of that. Ordinary calls take 115 MiB and
   * results of a megabyte 150, but the largest that Lambda lets through, again and again, 180 to 260 (`npm run bench -- gateway`).
   */
  gatewayMemoryMb: z.int().min(192).max(10_240).default(256),
  refreshMinutes: z.int().min(1).max(60).default(5),
  /** How long calls are kept in the database. */
  retentionDays: z.int().min(2).max(3_650).default(90),
  /** How long lines are kept in the log groups: the time there is to replay what never reached the database. */
  logRetentionDays: z.literal([7, 14, 30, 60, 90, 180, 365], 'write 7, 14, 30, 60, 90, 180 or 365').default(14),
  database: databaseSettings,
});

export type Settings = z.output<typeof settingsSchema>;
/** Settings as a person writes them: everything may be left out. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Settings that cannot be deployed. Its message says, line by line, which and what to write instead. */
export class InvalidSettings extends Error {
  override name = 'WrongSettings';
}

/** The settings with defaults filled in. Throws `WrongSettings`. */
export function settingsFrom(input: unknown): Settings {
  const parsed = settingsSchema.safeParse(input);
  if (!parsed.success) {
    throw new InvalidSettings(
      parsed.error.issues
        .map((issue) => `Setting ${issue.path.join('.') || 'toolwatch'}: ${issue.message}.`)
        .join('\n'),
    );
  }
  const wrong = contradictionsIn(parsed.data);
  if (wrong.length > 0) throw new InvalidSettings(wrong.join('\n'));
  return parsed.data;
}

/** The settings in a file: what stands under `toolwatch`, as in cdk.json. */
export const readSettings = (file: string): Settings =>
  settingsFrom(JSON.parse(readFileSync(file, 'utf8')).toolwatch ?? {});

const nameOf = ({ name }: { name: string }) => name;

function contradictionsIn(settings: Settings): string[] {
  const wrong: string[] = [];
  const { badWindows, windows } = settings.alarms;
  if (badWindows > windows) {
    wrong.push(`Setting alarms: ${badWindows} bad windows of ${windows} can never be; write badWindows ≤ windows.`);
  }
  const { critical, warning } = settings.alerts;
  const lists: Record<string, string[]> = {
    ...Object.fromEntries((['queues', 'probes', 'mutes'] as const).map((key) => [key, settings[key].map(nameOf)])),
    'alerts.critical.emails': critical.emails,
    'alerts.critical.https': critical.https,
    'alerts.warning.emails': warning.emails,
    'alerts.warning.https': warning.https,
  };
  for (const [key, listed] of Object.entries(lists)) {
    const twice = listed.find((one, index) => listed.indexOf(one) !== index);
    if (twice !== undefined) wrong.push(`Setting ${key}: ${twice} stands there twice; write it once.`);
  }
  if (Boolean(settings.account) !== Boolean(settings.region)) {
    wrong.push('Setting account: account and region belong together; write both or neither.');
  }
  return [
    ...wrong,
    ...validateDatabaseSettings(settings.database, settings),
    ...validateRolloutSettings(settings.rollout, settings.alarms),
    ...validateFrontDoorSettings(settings.frontDoor, settings),
  ];
}
