import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { InvalidSchedule, parseCron, parseMute } from '../lambdas/contract/schedule-expression.ts';
import { databaseSettings, validateDatabaseSettings } from './settings/database-settings.ts';
import { frontDoorSettings, validateFrontDoorSettings } from './settings/front-door-settings.ts';
import { rolloutSettings, validateRolloutSettings } from './settings/rollout-settings.ts';
import { TAG_VALUE, WRITE_TAG_VALUE } from './settings/tag-value.ts';

/** Everything a deployment can configure. The defaults suit ten tools and a million calls a month. */

const email = z.email('write an e-mail address');
const httpsUrl = z.url({ protocol: /^https$/, error: 'write an address that begins with https://' });

/** A value that becomes a tag of resources. */
const tagValue = z.string().min(1).max(64).regex(TAG_VALUE, WRITE_TAG_VALUE);

/** A schedule; one that AWS would refuse at deployment is refused here. */
const expression = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof InvalidSchedule)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

const recipients = z
  .strictObject({
    /** Each must confirm its subscription, by the link in a message from AWS. */
    emails: z.array(email).default([]),
    /** Webhooks; each must confirm its subscription by opening the SubscribeURL it is sent, as paging services do. */
    https: z.array(httpsUrl).default([]),
  })
  .prefault({});

/** The limits of a queue of work, above which it has an alarm. */
const queueLimits = {
  /** More messages than this for five minutes are a warning. */
  warningDepth: z.int().min(1).default(500),
  /** More messages than this for five minutes are critical. */
  criticalDepth: z.int().min(1).default(1_000),
  /** How many minutes a message may wait. */
  oldestMinutes: z.int().min(1).max(20_160).default(10),
};
export type QueueLimits = z.output<z.ZodObject<typeof queueLimits>>;
export const QUEUE_LIMITS: QueueLimits = z.object(queueLimits).parse({});

const settingsSchema = z.strictObject({
  /** In the name of every function, log group and stack, and the `service` of every metric. */
  service: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,19}$/, 'write 2 to 20 lower-case letters, digits and hyphens, a letter first')
    .default('toolwatch'),
  environment: tagValue.default('production'),
  /** The name of this deployment on every line. Default: a fingerprint of the code. */
  version: z.string().min(1).max(64).optional(),
  /** Where to deploy. Default: the account and region of the CLI's credentials. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'write the twelve digits of the account')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'write a region such as eu-central-1')
    .optional(),
  /** Who acts on alarms that state no owner of their own. */
  owner: tagValue.default('platform'),
  /** The address of docs/runbook.md; alarms link to its headings. */
  runbookUrl: httpsUrl.optional(),
  /** The recipients of alarms: someone acts on `critical` immediately, on `warning` in the morning. */
  alerts: z.strictObject({ critical: recipients, warning: recipients }).prefault({}),
  /**
   * Encryption of alarm topics at rest. `key` costs a dollar a month; alarms' texts hold no arguments and no results.
   */
  topicEncryption: z.enum(['none', 'key']).default('none'),
  /** Values of the environment variables that tools name in their facts. */
  toolSettings: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'write the name in capitals, such as SHOP_URL'), z.string())
    .default({}),
  /**
   * Users' ids are stored as a hash with this key, so that without it one cannot find out who called. It is part of the
   * template: anyone who may read the stack can read it.
   */
  userHashKey: z.string().min(16, 'write at least 16 random characters').optional(),
  /** X-Ray traces of gateway and tools, at 5 dollars per million recorded calls. */
  tracing: z.boolean().default(false),
  alarms: z
    .strictObject({
      /** The length of one window of a tool's alarms, in seconds. */
      periodSeconds: z.literal([60, 120, 180, 300, 600, 900], 'write 60, 120, 180, 300, 600 or 900').default(300),
      /** How many of the last `windows` must be bad. */
      badWindows: z.int().min(1).max(10).default(2),
      windows: z.int().min(1).max(10).default(4),
      /** The share of failing calls, 0 to 1, above which any tool is a warning, whatever its own alarm allows. */
      fleetErrorRate: z.number().gt(0).lt(1).default(0.05),
      /** Adds the alarm that callers are suddenly at fault more often, for 0.60 dollars per tool and month. */
      callerFaultShift: z.boolean().default(false),
      /** How many minutes a new or changed alarm collects data before it may fire. */
      warmUpMinutes: z.int().min(0).max(2_880).default(15),
    })
    .prefault({}),
  /**
   * `lean` saves 5.70 dollars a month and 0.30 per tool. It leaves out the CloudWatch dashboard and the early warnings
   * (of rarely called tools, of the fleet, of each connection in the pipeline): a loss of calls is reported an hour
   * later, without saying where.
   */
  monitoring: z.enum(['full', 'lean']).default('full'),
  /** SQS queues of work to monitor, for 0.30 dollars per queue and month. */
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
  /** Probes (lines of kind `probe`) that must not fall silent, for 0.10 dollars per probe and month. */
  probes: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w-]{1,48}$/, 'write the name on its lines: letters, digits, _ and -'),
        silentAfterMinutes: z.int().min(5).max(1_440).default(15),
        owner: tagValue.optional(),
      }),
    )
    .default([]),
  /** Times at which some alarms do not notify. */
  mutes: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]+$/, 'write lower-case letters, digits and hyphens'),
        reason: z.string().min(1),
        /** When it begins, in UTC: repeatedly, with five fields, `cron(0 2 * * 6)`; or once, `at(2027-01-31T02:00)`. */
        at: expression(parseMute),
        minutes: z.int().min(1).max(21_600),
        /** Alarms' names; `*` matches anything but a slash. */
        alarms: z.array(z.string().min(1)).min(1),
      }),
    )
    .default([]),
  rollout: rolloutSettings,
  /**
   * The number of nested stacks that tools are distributed over; 0 for none. Do not change it later: a tool that moves
   * to another stack cannot be deployed while its names still exist in the old one.
   */
  toolGroups: z.int().min(0).max(100).default(16),
  /** The traffic that the bill printed at synthesis assumes. */
  traffic: z
    .strictObject({
      callsPerMonth: z.int().min(0).default(1_000_000),
      /** The average duration of a call of a tool, in milliseconds. */
      toolMs: z.number().min(1).max(840_000).default(100),
    })
    .prefault({}),
  /** Dollars a month, at that traffic, above which synthesis fails. */
  budget: z.number().gt(0).optional(),
  /**
   * At the end of each deployment a read-only tool is called through the gateway. When its metric, its row or a
   * confirmed recipient of its alarm is missing, the deployment fails. `false` leaves this out.
   */
  smokeTest: z
    .union([
      z.literal(false),
      z.strictObject({
        /** Default: the first read-only tool that takes the arguments. */
        tool: z.string().optional(),
        arguments: z.record(z.string(), z.unknown()).default({}),
        /** How many seconds a line may take to become a metric and a row. */
        timeoutSeconds: z.int().min(1).max(600).default(240),
      }),
    ])
    .prefault({}),
  frontDoor: frontDoorSettings,
  /**
   * Whether calls belong to tenants, each of which sees only its own. A claim of the JWT names the caller's tenant, or,
   * with IAM, the header `x-tenant-id`. Without tenants all callers see all calls, and the header is refused.
   */
  tenants: z.boolean().default(false),
  /**
   * Once a week an alarm of each severity is set off, marked as a drill, to check that its recipients are still
   * notified. `false` leaves this out.
   */
  drill: z
    .union([
      z.literal(false),
      z.strictObject({
        /** When, in UTC, with six fields. */
        at: expression(parseCron).default('cron(0 10 ? * TUE *)'),
        /** How many seconds it may take until the recipients are notified. */
        timeoutSeconds: z.int().min(1).max(840).default(600),
      }),
    ])
    .prefault({}),
  /**
   * Memory of the gateway, in MiB. It is billed while the gateway waits for a tool: 192 saves a fifth of that. Ordinary
   * calls need 115 MiB and results of a megabyte 150, but repeated results of Lambda's largest size 180 to 260 (`npm
   * run bench -- gateway`).
   */
  gatewayMemoryMb: z.int().min(192).max(10_240).default(256),
  /** How often roll-ups, views and health are brought up to date. */
  refreshMinutes: z.int().min(1).max(60).default(5),
  /** How many days calls stay in the database. */
  retentionDays: z.int().min(2).max(3_650).default(90),
  /** How many days lines stay in the log groups; what did not reach the database can be replayed for as long. */
  logRetentionDays: z.literal([7, 14, 30, 60, 90, 180, 365], 'write 7, 14, 30, 60, 90, 180 or 365').default(14),
  database: databaseSettings,
});

export type Settings = z.output<typeof settingsSchema>;
/** Settings as they are written: everything is optional. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Settings that cannot be deployed. Each line of the message names one and says what to write. */
export class InvalidSettings extends Error {
  override name = 'InvalidSettings';
}

/** The settings with defaults filled in. Throws `InvalidSettings`. */
export function settingsFrom(input: unknown): Settings {
  const parsed = settingsSchema.safeParse(input);
  if (!parsed.success) {
    throw new InvalidSettings(
      parsed.error.issues
        .map((issue) => `Setting ${issue.path.join('.') || 'toolwatch'}: ${issue.message}.`)
        .join('\n'),
    );
  }
  const problems = findCrossFieldProblems(parsed.data);
  if (problems.length > 0) throw new InvalidSettings(problems.join('\n'));
  return parsed.data;
}

/** The settings in a file, under `toolwatch`, as in cdk.json. */
export const readSettings = (file: string): Settings =>
  settingsFrom(JSON.parse(readFileSync(file, 'utf8')).toolwatch ?? {});

const nameOf = ({ name }: { name: string }) => name;

function findCrossFieldProblems(settings: Settings): string[] {
  const problems: string[] = [];
  const { badWindows, windows } = settings.alarms;
  if (badWindows > windows) {
    problems.push(`Setting alarms: ${badWindows} of ${windows} windows can never be bad; write badWindows ≤ windows.`);
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
    const duplicate = listed.find((entry, index) => listed.indexOf(entry) !== index);
    if (duplicate !== undefined) problems.push(`Setting ${key}: ${duplicate} is listed twice; write it once.`);
  }
  if (Boolean(settings.account) !== Boolean(settings.region)) {
    problems.push('Setting account: account and region only work together; write both or neither.');
  }
  return [
    ...problems,
    ...validateDatabaseSettings(settings.database, settings),
    ...validateRolloutSettings(settings.rollout, settings.alarms),
    ...validateFrontDoorSettings(settings.frontDoor, settings),
  ];
}
