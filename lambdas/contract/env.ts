import * as z from 'zod';
import { channelName, deliveredChannel, notifiedChannel } from './channels.ts';
import { expectedComponents } from './health/components.ts';
import { declaredCheck } from './health/declarations.ts';
import { noticeLinks } from './notice-links.ts';
import { MAILED_DEPLOYMENTS } from './notices/mailed-deployments.ts';
import { parseAs } from './parse-as.ts';
import { parseJson } from './parse-json.ts';
import { expectedSchedule, expectedSubscription, expectedTopic } from './self-check.ts';
import { SEVERITIES } from './severity.ts';
import { pageSignIn } from './sign-in.ts';
import { REQUEST_LINES } from './vocabulary.ts';

/**
 * The environment variables of each function, one schema per function. The function reads them once at start-up; `lib`
 * sets them, and a missing variable there is a compile error.
 */
const everyFunction = {
  /** Powertools' own name for the service; the `service` dimension of every metric. */
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  TOOLWATCH_ENVIRONMENT: z.string().min(1),
  /** The deployment's version. */
  TOOLWATCH_VERSION: z.string().min(1),
};

const database = {
  DATABASE_HOST: z.string().min(1),
  DATABASE_PORT: z.coerce.number().int(),
  DATABASE_NAME: z.string().min(1),
  /** The database role that the function signs in as, by IAM. */
  DATABASE_USER: z.string().min(1),
  /** PEM file beside the code, with the certificate authorities that may have signed the server's certificate. */
  DATABASE_CA_FILE: z.string().min(1),
};

const userHashKey = {
  /** User ids are written as a keyed hash under this key; without a key they are written unchanged. */
  TOOLWATCH_USER_HASH_KEY: z.string().optional(),
};

/** For functions that write the lines of calls. */
const callWriter = {
  ...everyFunction,
  ...userHashKey,
  /** `on` when an alarm evaluates caller faults: then each tool has a metric of them. */
  TOOLWATCH_CALLER_ERROR_METRIC: z.literal('on').optional(),
  /** JSON: the rules that label tools by the beginning of their names. */
  TOOLWATCH_LABEL_RULES: z.string().optional(),
};

/** `on`: each call belongs to a tenant, which sees only its own calls. `off`: all calls belong to the operator. */
const tenants = z.enum(['on', 'off']);

/** For functions that answer requests: how to identify the sender. */
const frontDoor = {
  TOOLWATCH_TENANTS: tenants,
  /** Set when the front door verifies a JWT of this issuer first; then only the JWT identifies the caller. */
  JWT_ISSUER: z.string().optional(),
  JWT_TENANT_CLAIM: z.string().optional(),
  /** A token with this scope belongs to the operator and to no tenant. */
  JWT_OPERATOR_SCOPE: z.string().optional(),
  /** A token with this scope reads `/metrics` and nothing else. */
  JWT_METRICS_SCOPE: z.string().optional(),
  /** The claim whose groups say which people are operators, and of which tenant all others are. */
  JWT_GROUPS_CLAIM: z.string().optional(),
  /** The claim that names the GPT or agent that calls. */
  SOURCE_GPT_CLAIM: z.string().optional(),
};

/** For functions that write a line for each request they answer. */
const requestWriter = {
  ...userHashKey,
  /** Which requests have a line. */
  REQUEST_LINES: z.enum(REQUEST_LINES).default('all'),
  /** `on` when the addresses of clients are recorded. */
  RECORD_IP: z.literal('on').optional(),
};

/** A value of this schema, written as JSON. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text, context): unknown => {
      const value = parseJson(text);
      if (value === undefined) context.addIssue('it is not JSON');
      return value;
    })
    .pipe(schema);

/** Words separated by spaces. */
const words = z
  .string()
  .default('')
  .transform((list) => list.split(' ').filter(Boolean));

/** For a tool's function, which also gets the variables that its facts list in `settings`. */
const toolEnv = z.object({
  ...callWriter,
  API_FUNCTION: z.string().optional(),
  TOOLWATCH_TENANTS: tenants.optional(),
  /** The address of the notifier's queue of custom notices, for a tool that notifies people. */
  CUSTOM_NOTICES_QUEUE: z.string().optional(),
  /** JSON: where the secrets that the tool reads are stored. */
  TOOLWATCH_SECRETS: z.string().optional(),
});
export const gatewayEnv = z.object({
  ...callWriter,
  ...frontDoor,
  ...requestWriter,
  /** `on` when clients receive a signed handle that makes their calls one session. */
  SESSION_HANDLES: z.literal('on').optional(),
  /** `on` when a token that nothing verified may label calls. */
  UNVERIFIED_TOKENS: z.literal('on').optional(),
  /** A token must have at least one of these scopes. */
  JWT_SCOPES: words,
  /** The deployment's own domain name, in addition to the one AWS assigns. */
  FRONT_DOOR_DOMAIN: z.string().optional(),
  /** Origins of web pages that may call, in addition to the deployment's own page. */
  BROWSER_ORIGINS: words,
  /** The name of a tool's function is this prefix followed by the tool's name. */
  TOOL_FUNCTION_PREFIX: z.string().min(1),
});
export const ingestEnv = z.object({ ...everyFunction, ...database });
export const refreshEnv = z.object({
  ...everyFunction,
  ...database,
  /** The share of failures, 0 to 1, that is allowed to names without limits of their own. */
  OTHER_ERROR_RATE: z.coerce.number().gt(0).lt(1),
});
export const apiEnv = z.object({
  ...everyFunction,
  ...database,
  ...frontDoor,
  ...requestWriter,
  /** JSON: what /health reports beside the store. */
  HEALTH_EXPECTED: json(expectedComponents),
  /** The database role that changes what people may change. */
  DATABASE_EDITOR: z.string().min(1),
  /** The names of the channels for notices. */
  CHANNEL_NAMES: words,
  /** JSON: where the lines of calls can be looked at. */
  CALL_LOG_PAGE: json(noticeLinks.pick({ cloudWatch: true, callLog: true })).optional(),
  /** JSON: how people sign in on the page, where the issuer has a client for it. */
  SIGN_IN: json(pageSignIn).optional(),
});
/** Its database role owns the database. */
export const migrateEnv = z.object({ ...everyFunction, ...database });
/** It signs in as `DATABASE_USER` for statements about all tenants' calls. */
export const sqlEnv = z.object({
  ...everyFunction,
  ...database,
  /** The database role of statements about one tenant's calls. */
  DATABASE_TENANT_USER: z.string().min(1),
});
export const retentionEnv = z.object({
  ...everyFunction,
  ...database,
  RETENTION_DAYS: z.coerce.number().int().min(1),
  /** Maximum size of the database's disk; 0 when it is unknown or unlimited. */
  DISK_BYTES: z.coerce.number().int().min(0),
});

/** Runs outside the database's network, which may have no way to S3. */
export const payloadsEnv = z.object({
  ...everyFunction,
  /** The bucket's name. */
  RETAINED_PAYLOADS: z.string().min(1),
});

/** Runs outside the database's network, so it queries the api. */
export const smokeEnv = z.object({
  ...everyFunction,
  GATEWAY_FUNCTION: z.string().min(1),
  /** Its name; whether it ran shows at which connection a row was lost. */
  INGEST_FUNCTION: z.string().min(1),
  API_FUNCTION: z.string().min(1),
  SMOKE_TOOL: z.string().min(1),
  /** JSON. */
  SMOKE_ARGUMENTS: json(z.unknown()),
  /** Its name. */
  NOTIFIER_FUNCTION: z.string().min(1),
  /** The alarm whose path to its recipients is checked. */
  SMOKE_ALARM: z.string().min(1),
  /** How long a line may take to become a metric and a row. */
  SMOKE_TIMEOUT_SECONDS: z.coerce.number().min(1),
  /** ARNs, separated by commas, of the topics that must have a recipient. */
  TOPICS_WITH_TARGETS: z.string().transform((list) => list.split(',').filter(Boolean)),
});

/** Runs outside the database's network, like the smoke test. */
export const completenessEnv = z.object({
  ...everyFunction,
  API_FUNCTION: z.string().min(1),
  TOOL_FUNCTION_PREFIX: z.string().min(1),
});

/** Runs outside the database's network, so it queries the api. */
export const reportEnv = z.object({
  ...everyFunction,
  API_FUNCTION: z.string().min(1),
  OPERATE_FUNCTION: z.string().min(1),
  /** The address of the notifier's queue of custom notices. */
  CUSTOM_NOTICES_QUEUE: z.string().min(1),
  /** Whose clocks say when a week begins. */
  TIME_ZONE: z.string().min(1),
  /** Whether those of warnings get it by mail. */
  MAILED: z.enum(['yes', 'no']),
});

/** Runs outside the database's network: what it checks is there too. */
export const checksEnv = z.object({
  ...callWriter,
  /** JSON: the checks of the settings. */
  CHECKS: json(z.array(declaredCheck)),
});

/** Sends to the internet, so it is outside the database's network. */
export const spansEnv = z.object({
  ...everyFunction,
  /** Where traces are taken by OTLP over HTTP. */
  SPANS_ENDPOINT: z.url(),
  /** Whether a secret has the headers of its requests. */
  SPANS_HEADERS: z.enum(['secret', 'none']),
  /** JSON: where that secret is. */
  TOOLWATCH_SECRETS: z.string(),
});

/** A severity whose drill is set off, and who must hear of it. */
const drilledSeverity = z.object({
  severity: z.enum(SEVERITIES),
  /** The ARN of the topic of its recipients, where that can be observed. */
  topic: z.string().min(1).optional(),
  /** The names of its channels. */
  channels: z.array(channelName),
});

export const drillEnv = z.object({
  ...everyFunction,
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** JSON: each severity that has a recipient or a channel, and who these are. */
  DRILLED: json(z.array(drilledSeverity)),
  /** How long a message may take to arrive everywhere, in seconds. */
  DRILL_TIMEOUT_SECONDS: z.coerce.number().min(1),
});

/** Runs outside the database's network, like the notifier: it must work when the database does not. */
export const selfCheckEnv = z.object({
  ...everyFunction,
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** What the deployment puts before its alarms' names. */
  ALARM_PREFIX: z.string().optional(),
  /** JSON: what must start functions, hand over lines, and have recipients. */
  SCHEDULES: json(z.array(expectedSchedule)),
  SUBSCRIPTIONS: json(z.array(expectedSubscription)),
  TOPICS: json(z.array(expectedTopic)),
});

const severityTopics = z.object({
  /** ARN of the topic that alarms publish to. */
  inbox: z.string().min(1),
  /** ARN of the topic of people and pagers. */
  recipients: z.string().min(1),
});

/** Runs outside the database's network: it must work when the database does not. */
export const notifyEnv = z.object({
  ...everyFunction,
  /** The table's name. */
  STATE_TABLE: z.string().min(1),
  /** JSON: the topics of each severity. */
  NOTIFY_TOPICS: json(z.object({ critical: severityTopics, warning: severityTopics })),
  /** What the deployment puts before its alarms' names. */
  ALARM_PREFIX: z.string().optional(),
  /** The length of the windows of its alarms: what people are notified of waits, and is held open, by these. */
  WINDOW_SECONDS: z.coerce.number().positive(),
  /** The function that says what the store knows about an incident. */
  API_FUNCTION: z.string().min(1),
  /** JSON: what the links of notices are made from. */
  NOTICE_LINKS: json(noticeLinks),
  /** JSON: the channels that notices are sent to, beside the topics. */
  CHANNELS: json(z.array(notifiedChannel)).optional(),
  /** The ARN of its queue of custom notices. */
  CUSTOM_NOTICES_QUEUE: z.string().min(1),
  /** The name of the stack whose end is that of a deployment. */
  LAST_STACK: z.string().min(1),
  /** Which notices of deployments go to the topic of warnings. */
  MAILED_DEPLOYMENTS: z.enum(MAILED_DEPLOYMENTS),
});

/** Runs outside the database's network: what it changes is in AWS. */
export const operateEnv = z.object({
  ...everyFunction,
  ...frontDoor,
  /** The address of the notifier's queue of custom notices. */
  CUSTOM_NOTICES_QUEUE: z.string().min(1),
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** What the deployment puts before its alarms' names. */
  ALARM_PREFIX: z.string().optional(),
});

/** Runs outside the database's network, like the notifier: channels are on the internet. */
export const deliverEnv = z.object({
  ...callWriter,
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** JSON: the channels that it delivers to. */
  CHANNELS: json(z.array(deliveredChannel)),
  /** JSON: where the secrets of channels are stored. */
  TOOLWATCH_SECRETS: z.string().min(1),
});

export type ToolEnv = z.infer<typeof toolEnv>;
export type GatewayEnv = z.infer<typeof gatewayEnv>;
export type IngestEnv = z.infer<typeof ingestEnv>;
export type RefreshEnv = z.infer<typeof refreshEnv>;
export type ApiEnv = z.infer<typeof apiEnv>;
export type MigrateEnv = z.infer<typeof migrateEnv>;
export type SqlEnv = z.infer<typeof sqlEnv>;
export type RetentionEnv = z.infer<typeof retentionEnv>;
export type PayloadsEnv = z.infer<typeof payloadsEnv>;
export type SmokeEnv = z.infer<typeof smokeEnv>;
export type ReportEnv = z.infer<typeof reportEnv>;
export type ChecksEnv = z.infer<typeof checksEnv>;
export type SpansEnv = z.infer<typeof spansEnv>;
export type DrillEnv = z.infer<typeof drillEnv>;
export type DrilledSeverity = z.infer<typeof drilledSeverity>;
export type SelfCheckEnv = z.infer<typeof selfCheckEnv>;
export type DeliverEnv = z.infer<typeof deliverEnv>;
export type OperateEnv = z.infer<typeof operateEnv>;
export type NotifyEnv = z.infer<typeof notifyEnv>;
export type CompletenessEnv = z.infer<typeof completenessEnv>;
export type FrontDoorEnv = z.infer<z.ZodObject<typeof frontDoor>>;
export type DatabaseEnv = z.infer<z.ZodObject<typeof database>>;

/** The variables that `lib` must set for a function with this schema, all as strings. */
export type Variables<Env> = { [Key in keyof Env]: string };

/** A function's environment variables. Throws an error that names each one that is missing or wrong. */
export const readVariables = <Schema extends z.ZodType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv = process.env,
): z.output<Schema> => parseAs(schema, environment, 'Environment variables');
