import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseCron } from '../lambdas/contract/schedule-expression.ts';
import { LOG_LEVELS } from '../lambdas/contract/vocabulary.ts';
import { DEFAULT_ENVIRONMENT, deploymentNameSetting, validateDeploymentName } from './deployment-name.ts';
import { alarmSettings, alertSettings, muteSettings, probeSettings, queueSettings } from './settings/alarm-settings.ts';
import { validateAlertChannels } from './settings/alert-channel-settings.ts';
import { archiveSettings, validateArchiveSettings } from './settings/archive-settings.ts';
import { callLogSetting } from './settings/call-log-setting.ts';
import { checkMinutes, checkSettings, validateCheckSettings } from './settings/check-settings.ts';
import { databaseSettings, validateDatabaseSettings } from './settings/database-settings.ts';
import { frontDoorSettings, validateFrontDoorSettings } from './settings/front-door-settings.ts';
import { hookSettings, jobSettings, validateJobSettings } from './settings/job-settings.ts';
import { keyArn, keySettings, validateKeys } from './settings/key-settings.ts';
import { labelRuleSettings, validateLabelRules } from './settings/label-settings.ts';
import { networkSettings, validateNetworkSettings } from './settings/network-settings.ts';
import { openTelemetrySettings } from './settings/opentelemetry-settings.ts';
import { requestSettings, validateRequestSettings } from './settings/request-settings.ts';
import { roleSettings, validateRoleSettings } from './settings/role-settings.ts';
import { rolloutSettings, validateRolloutSettings } from './settings/rollout-settings.ts';
import { findSecretsAmongSettings, toolSecretSettings, validateToolSecrets } from './settings/secret-settings.ts';
import { tagSettings, validateTagSettings } from './settings/tag-settings.ts';
import { topicSettings, validateTopicSettings } from './settings/topic-settings.ts';
import { httpsUrl, scheduleExpression, tagValue, timeZone } from './settings/values.ts';

/** Everything a deployment can configure. The defaults suit ten tools and a million calls a month. */

/** Every setting with its limits, default and meaning; docs/settings.md is written from it. */
export const settingsSchema = z.strictObject({
  service: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,19}$/, 'write 2 to 20 lower-case letters, digits and hyphens, a letter first')
    .default('toolwatch')
    .describe('What is deployed; a tag, and the beginning of `deploymentName`.'),
  environment: tagValue
    .default(DEFAULT_ENVIRONMENT)
    .describe(
      'The name of this environment on every line and as a tag. One that is not `production` also is a part of ' +
        '`deploymentName`, so that two environments can be in one account and region.',
    ),
  deploymentName: deploymentNameSetting.describe(
    'In the name of every stack, function, log group, alarm, dashboard and secret, and the `service` of every ' +
      'metric. Default: `service`, and for another environment than `production` `service-environment`.',
  ),
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('The name of what is deployed, on every line. Default: a fingerprint of the code.'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'write the twelve digits of the account')
    .optional()
    .describe("Where to deploy. Default: the account and region of the CLI's credentials."),
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'write a region such as eu-central-1')
    .optional()
    .describe('The region that goes with `account`.'),
  owner: tagValue.default('platform').describe('Who acts on alarms that state no owner of their own.'),
  roles: roleSettings,
  tags: tagSettings,
  network: networkSettings,
  runbookUrl: httpsUrl
    .optional()
    .describe(
      'The address of docs/runbook.md, where your team can open it; alarms and messages link to its headings. Without it ' +
        'messages have no link to the runbook, only the first sentence of what to do.',
    ),
  alerts: alertSettings,
  topics: topicSettings,
  topicEncryption: z
    .union([z.enum(['none', 'key']), keyArn])
    .default('none')
    .describe(
      'Encryption of alarm topics at rest. `key` makes a key, which costs a dollar a month; the ARN of a key of your ' +
        "own uses that. Alarms' texts hold no arguments and no results.",
    ),
  keys: keySettings,
  callLogName: callLogSetting,
  toolSettings: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'write the name in capitals, such as SHOP_URL'), z.string())
    .default({})
    .describe('Values of the environment variables that tools name in their facts.'),
  toolSecrets: toolSecretSettings,
  labelRules: labelRuleSettings,
  logLevel: z
    .enum(LOG_LEVELS)
    .default('INFO')
    .describe(
      'The lowest level that reaches the logs of functions. A tool may state its own. Higher than `INFO` is not ' +
        'possible, because it would drop the lines of calls.',
    ),
  userHashKey: z
    .string()
    .min(16, 'write at least 16 random characters')
    .optional()
    .describe(
      "Users' ids are stored as a hash with this key, so that without it one cannot find out who called. " +
        'It is part of the template: anyone who may read the stack can read it.',
    ),
  tracing: z
    .boolean()
    .default(false)
    .describe('X-Ray traces of gateway and tools, at 5 dollars per million recorded calls.'),
  alarms: alarmSettings,
  monitoring: z
    .enum(['full', 'lean'])
    .default('full')
    .describe(
      '`lean` saves 7.10 dollars a month, and the lines of requests that succeed without ' +
        'calling a tool. It leaves out the CloudWatch dashboard and the ' +
        'early warnings (of each connection in the pipeline, of tools that become very slow): a loss ' +
        'of calls is reported an hour later, without saying where.',
    ),
  queues: queueSettings,
  jobs: jobSettings,
  hooks: hookSettings,
  probes: probeSettings,
  openTelemetry: openTelemetrySettings,
  checks: checkSettings,
  checkMinutes,
  mutes: muteSettings,
  rollout: rolloutSettings,
  toolGroups: z
    .int()
    .min(0)
    .max(100)
    .default(16)
    .describe(
      'The number of nested stacks that tools are distributed over; 0 for none. It stays what it was at the first ' +
        'deployment: a tool that moves to another stack cannot be deployed while its names still exist in the old one.',
    ),
  traffic: z
    .strictObject({
      callsPerMonth: z.int().min(0).default(1_000_000).describe('Calls of all tools together.'),
      toolMs: z
        .number()
        .min(1)
        .max(840_000)
        .default(100)
        .describe('The average duration of a call of a tool, in milliseconds.'),
      otherRequestsPerMonth: z
        .int()
        .min(0)
        .default(100_000)
        .describe('Requests that call no tool: lists of tools, the page, health checks, scrapes of `/metrics`.'),
      peopleSigningIn: z
        .int()
        .min(0)
        .default(10)
        .describe('People who sign in at least once a month, where the stack makes the issuer.'),
    })
    .prefault({})
    .describe('The traffic that the bill printed at synthesis assumes.'),
  budget: z.number().gt(0).optional().describe('Dollars a month, at that traffic, above which synthesis fails.'),
  smokeTest: z
    .union([
      z.literal(false),
      z.strictObject({
        tool: z.string().optional().describe('Default: the first read-only tool that takes the arguments.'),
        arguments: z.record(z.string(), z.unknown()).default({}).describe('What it is called with.'),
        timeoutSeconds: z
          .int()
          .min(1)
          .max(600)
          .default(240)
          .describe('How many seconds a line may take to become a metric and a row.'),
      }),
    ])
    .prefault({})
    .describe(
      'At the end of each deployment a read-only tool is called through the gateway. When its metric, its ' +
        'row or a confirmed recipient of its alarm is missing, the deployment fails. `false` leaves this ' +
        'out.',
    ),
  frontDoor: frontDoorSettings,
  requests: requestSettings,
  tenants: z
    .boolean()
    .default(false)
    .describe(
      'Whether calls belong to tenants, each of which sees only its own. A claim of the JWT names the ' +
        "caller's tenant, or, with IAM, the header `x-tenant-id`. Without tenants all callers see all calls, " +
        'and the header is refused.',
    ),
  drill: z
    .union([
      z.literal(false),
      z.strictObject({
        at: scheduleExpression(parseCron).default('cron(0 10 ? * TUE *)').describe('When, in UTC, with six fields.'),
        timeoutSeconds: z
          .int()
          .min(1)
          .max(840)
          .default(600)
          .describe('How many seconds it may take until the recipients are notified.'),
      }),
    ])
    .prefault({})
    .describe(
      'Once a week an alarm of each severity is set off, marked as a drill, to check that every recipient ' +
        'and every channel is still notified. `false` leaves this out.',
    ),
  weekReport: z
    .union([
      z.literal(false),
      z.strictObject({
        at: scheduleExpression(parseCron)
          .default('cron(0 8 ? * MON *)')
          .describe('When, with six fields, as clocks in `timeZone` show it.'),
        timeZone: timeZone.default('UTC').describe('The name of a time zone, such as `Europe/Berlin`.'),
      }),
    ])
    .prefault({})
    .describe(
      'When the report of the last seven days comes by itself, as `npx toolwatch report` prints it: by mail to the ' +
        'recipients of warnings and in every channel that shows a notice of type `report` and severity `info`; to no pager, and at most ' +
        'once from Monday to Sunday. `false` leaves this out; it is left out too where nobody would get it.',
    ),
  gatewayMemoryMb: z
    .int()
    .min(192)
    .max(10_240)
    .default(256)
    .describe(
      'Memory of the gateway, in MiB. It is billed while the gateway waits for a tool: 192 saves a fifth ' +
        'of that. Ordinary calls need 115 MiB and results of a megabyte 150, but repeated results of ' +
        "Lambda's largest size 180 to 260 (`npm run bench -- gateway`).",
    ),
  refreshMinutes: z
    .int()
    .min(1)
    .max(60)
    .default(5)
    .describe('How often roll-ups, views and health are brought up to date.'),
  retentionDays: z.int().min(2).max(3_650).default(90).describe('How many days calls stay in the database.'),
  logRetentionDays: z
    .literal([7, 14, 30, 60, 90, 180, 365], 'write 7, 14, 30, 60, 90, 180 or 365')
    .default(14)
    .describe(
      'How many days lines stay in the log groups; what did not reach the database can be replayed for as long.',
    ),
  archive: archiveSettings,
  database: databaseSettings,
  sql: z
    .boolean()
    .default(true)
    .describe(
      'Whether a function runs statements that read, for `npx toolwatch sql`. Whoever has the right to invoke it may ' +
        'read the calls of all tenants. It costs nothing while it is not used.',
    ),
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

/** Where a deployment goes when its settings do not say: the account and region of somebody's credentials. */
type DefaultPlace = Readonly<Record<'account' | 'region', string | undefined>>;

/** The settings in a file, under `toolwatch`, as in cdk.json; with a place for when they name none. */
export function readSettings(file: string, { account, region }: Partial<DefaultPlace> = {}): Settings {
  const input = JSON.parse(readFileSync(file, 'utf8')).toolwatch ?? {};
  const isOpen = input.account === undefined && input.region === undefined;
  return settingsFrom(isOpen && account && region ? { ...input, account, region } : input);
}

const keysOf = ({ keys, topicEncryption }: Settings) => ({
  ...Object.fromEntries(Object.entries(keys).map(([use, arn]) => [`keys.${use}`, arn])),
  ...(topicEncryption.startsWith('arn:') && { topicEncryption }),
});

const nameOf = ({ name }: { name: string }) => name;

function findCrossFieldProblems(settings: Settings): string[] {
  const problems: string[] = [];
  const { badWindows, windows } = settings.alarms;
  if (badWindows > windows) {
    problems.push(`Setting alarms: ${badWindows} of ${windows} windows can never be bad; write badWindows ≤ windows.`);
  }
  const { critical, warning, channels } = settings.alerts;
  const lists: Record<string, string[]> = {
    ...Object.fromEntries(
      (['queues', 'probes', 'checks', 'mutes'] as const).map((key) => [key, settings[key].map(nameOf)]),
    ),
    'alerts.channels': channels.map(nameOf),
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
    ...validateDeploymentName(settings),
    ...validateRoleSettings(settings.roles),
    ...validateTagSettings(settings.tags),
    ...validateNetworkSettings(settings.network),
    ...validateArchiveSettings(settings.archive),
    ...validateKeys(keysOf(settings), settings.region),
    ...validateTopicSettings(settings),
    ...validateAlertChannels(settings),
    ...validateCheckSettings(settings.checks),
    ...validateDatabaseSettings(settings.database, settings),
    ...validateRolloutSettings(settings.rollout, settings.alarms),
    ...validateLabelRules(settings.labelRules),
    ...findSecretsAmongSettings(settings.toolSettings),
    ...validateToolSecrets(settings),
    ...validateJobSettings(settings),
    ...validateFrontDoorSettings(settings.frontDoor, settings),
    ...validateRequestSettings(settings.requests, settings),
  ];
}
