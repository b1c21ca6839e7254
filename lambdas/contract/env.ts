import * as z from 'zod';

/**
 * The environment of each function, one schema each: read once at start-up by the function, and filled by lib, where a
 * variable left out is a compile error.
 */
const everyFunction = {
  /** Powertools' own name for the service; the `service` dimension of every metric. */
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  TOOLWATCH_ENVIRONMENT: z.string().min(1),
  /** Of the deployment. */
  TOOLWATCH_VERSION: z.string().min(1),
};

const database = {
  DATABASE_HOST: z.string().min(1),
  DATABASE_PORT: z.coerce.number().int(),
  DATABASE_NAME: z.string().min(1),
  /** A database role; the function signs in as it by IAM. */
  DATABASE_USER: z.string().min(1),
  /** The certificate authorities the server's certificate must come from: a PEM file beside the code. */
  DATABASE_CA_FILE: z.string().min(1),
};

/** What whoever writes lines of calls needs beside it. */
const callWriter = {
  ...everyFunction,
  /** Users' ids are written under a hash with this key; without one, as they come. */
  TOOLWATCH_USER_HASH_KEY: z.string().optional(),
  /** `on` where an alarm reads callers' faults: then they are a metric of each tool. */
  TOOLWATCH_CALLER_ERROR_METRIC: z.literal('on').optional(),
};

/** Whether calls belong to tenants who see their own only, or all of them to one house. */
const tenants = z.enum(['on', 'off']);

/** What whoever answers requests needs to know of who sends them. */
const frontDoor = {
  TOOLWATCH_TENANTS: tenants,
  /** Written where a JWT of this issuer is verified before the function is reached; then nothing but it says who comes. */
  JWT_ISSUER: z.string().optional(),
  JWT_TENANT_CLAIM: z.string().optional(),
  /** Whoever has this scope runs the tools, and belongs to no tenant. */
  JWT_OPERATOR_SCOPE: z.string().optional(),
};

/** Words with spaces between. */
const words = z
  .string()
  .default('')
  .transform((list) => list.split(' ').filter(Boolean));

/** A tool's; the variables its facts name in `settings` come beside these. */
export const toolEnv = z.object({
  ...callWriter,
  API_FUNCTION: z.string().optional(),
  TOOLWATCH_TENANTS: tenants.optional(),
});
export const gatewayEnv = z.object({
  ...callWriter,
  ...frontDoor,
  /** Scopes of which a token must have one. */
  JWT_SCOPES: words,
  /** A name of ours beside those AWS gives. */
  FRONT_DOOR_DOMAIN: z.string().optional(),
  /** Of web pages that may call, beside our own. */
  BROWSER_ORIGINS: words,
  /** The tools' functions are called this followed by the tool's name. */
  TOOL_FUNCTION_PREFIX: z.string().min(1),
});
export const ingestEnv = z.object({ ...everyFunction, ...database });
export const refreshEnv = z.object({ ...everyFunction, ...database });
export const apiEnv = z.object({ ...everyFunction, ...database, ...frontDoor });
/** The role it signs in as owns the database. */
export const migrateEnv = z.object({ ...everyFunction, ...database });
export const retentionEnv = z.object({
  ...everyFunction,
  ...database,
  RETENTION_DAYS: z.coerce.number().int().min(1),
  /** How large the database's disk may grow; 0 where nobody can say, or nothing bounds it. */
  DISK_BYTES: z.coerce.number().int().min(0),
});

/** Outside the database's network: it asks the api. */
export const smokeEnv = z.object({
  ...everyFunction,
  GATEWAY_FUNCTION: z.string().min(1),
  /** By name: whether it ran tells where a row was lost. */
  INGEST_FUNCTION: z.string().min(1),
  API_FUNCTION: z.string().min(1),
  SMOKE_TOOL: z.string().min(1),
  /** JSON. */
  SMOKE_ARGUMENTS: z.string().transform((json): unknown => JSON.parse(json)),
  /** The alarm whose way to people is looked at. */
  SMOKE_ALARM: z.string().min(1),
  /** How long a line may take to become metric and row. */
  SMOKE_PATIENCE_SECONDS: z.coerce.number().min(1),
  /** ARNs, with commas between, of the topics that somebody must subscribe to. */
  TOPICS_WITH_TARGETS: z.string().transform((list) => list.split(',').filter(Boolean)),
});

/** Outside the database's network too. */
export const completenessEnv = z.object({
  ...everyFunction,
  API_FUNCTION: z.string().min(1),
  TOOL_FUNCTION_PREFIX: z.string().min(1),
});

export const drillEnv = z.object({
  ...everyFunction,
  /** JSON: the name of the topic of each severity that somebody subscribes to. */
  DRILL_TOPICS: z
    .string()
    .transform((json) => z.record(z.enum(['critical', 'warning']), z.string().optional()).parse(JSON.parse(json))),
  /** How long it may take until somebody is told, in seconds. */
  DRILL_PATIENCE_SECONDS: z.coerce.number().min(1),
});

export type ToolEnv = z.infer<typeof toolEnv>;
export type GatewayEnv = z.infer<typeof gatewayEnv>;
export type IngestEnv = z.infer<typeof ingestEnv>;
export type RefreshEnv = z.infer<typeof refreshEnv>;
export type ApiEnv = z.infer<typeof apiEnv>;
export type MigrateEnv = z.infer<typeof migrateEnv>;
export type RetentionEnv = z.infer<typeof retentionEnv>;
export type SmokeEnv = z.infer<typeof smokeEnv>;
export type DrillEnv = z.infer<typeof drillEnv>;
export type CompletenessEnv = z.infer<typeof completenessEnv>;
export type FrontDoorEnv = z.infer<z.ZodObject<typeof frontDoor>>;
export type DatabaseEnv = z.infer<z.ZodObject<typeof database>>;

/** What lib must write for a function with this schema: all strings. */
export type Variables<Env> = { [Key in keyof Env]: string };
