import type * as z from 'zod';
import type { LogLevel } from './vocabulary.ts';

/** When a tool's alarms notify, and who is responsible. A tool cannot opt out of its alarms. */
export interface AlarmFacts {
  /**
   * The 95th percentile above which the tool counts as slow, in milliseconds. Default 5,000; half of a timeout of less
   * than ten seconds, and a sixth of one of more than thirty.
   */
  p95Ms?: number;
  /**
   * The 95th percentile that pages, in milliseconds. Only a tool with a longer timeout can reach it and has the alarm: one
   * with a timeout of ten seconds or less must state it here, between `p95Ms` and the timeout. Default four times a
   * stated `p95Ms`, between 5,000 and 10,000, or up to a third of a timeout of more than thirty seconds.
   */
  criticalP95Ms?: number;
  /** The share of calls, 0 to 1, that may fail by any fault but the caller's. Default 0.1. */
  errorRate?: number;
  /** A time window with fewer calls than this is not evaluated. Default 20. */
  minCalls?: number;
  /** A time window with fewer failures than this never triggers an alarm. Default 3. */
  minErrors?: number;
  /**
   * The share of calls, 0.95 to 0.9999, that should succeed; setting it adds alarms on the error budget's burn rate.
   */
  objective?: number;
  /** Minutes without any call that trigger an alarm, 5 to 1,440; for tools in constant use. */
  silentAfterMinutes?: number;
  /** Who must act, if not the deployment's owner. */
  owner?: string;
}

/** Something that a tool may do in AWS. */
export interface Permission {
  /** Such as `dynamodb:GetItem`. */
  actions: readonly string[];
  /**
   * ARNs. `${AWS::Partition}`, `${AWS::Region}` and `${AWS::AccountId}` in them stand for where the tool is deployed.
   */
  resources: readonly string[];
  /** Why it must allow as much as it does. Required where actions or resources have a wildcard. */
  reason?: string;
}

/**
 * Everything about a tool except its behaviour. Functions, alarms, dashboards, the catalogue and the README are made
 * from it.
 */
export interface ToolFacts<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  /** snake_case, at most 48 characters; its file has the same name. */
  name: string;
  /** What it does and when a model should use it. */
  description: string;
  input: In;
  output: Out;
  /** True when a call changes nothing anywhere. */
  readOnly: boolean;
  /** True when a second call with the same arguments has no further effect. Always so for read-only tools. */
  idempotent?: boolean;
  /**
   * True when it hands `call.idempotency_key` to whoever does its work, so that a second call with the same key has no
   * further effect, although one with the same arguments has.
   */
  takesIdempotencyKey?: boolean;
  /** True when a call may delete or overwrite something. */
  destructive?: boolean;
  /** The provider that it depends on. */
  provider?: string;
  /** The GPT or agent it belongs to. */
  gptName?: string;
  /** The shop or system that it calls, if it is always the same; else the tool labels each call. */
  domain?: string;
  /** A longer call is aborted and counts as TIMEOUT. Whole seconds, 1 to 840. */
  timeoutSeconds: number;
  /** Memory of its function, in MiB. Default 256. */
  memoryMb?: number;
  /** The lowest level that reaches its log. Default: the setting `logLevel`. */
  logLevel?: LogLevel;
  /** Total attempts; applied only to read-only and idempotent tools. Default 1. */
  retry?: { attempts: number };
  alarms: AlarmFacts;
  /** Environment variables that it reads; `toolSettings` of lib/settings.ts gives their values. */
  settings?: readonly string[];
  /**
   * Secrets that it reads, such as an API key: names in capitals. The stack stores them in Secrets Manager, unless
   * `toolSecrets` of lib/settings.ts says where they are stored; only this tool's function may read them.
   */
  secrets?: readonly string[];
  /** What it may do in AWS, beside writing its lines and reading its secrets. Default: nothing. */
  allow?: readonly Permission[];
  /**
   * Dotted paths of arguments and results that the record may contain, redacted. It contains nothing else of either.
   * `metadata` lists the keys that the tool may set with `annotate`, beside those that every call may set.
   */
  capture?: { input?: readonly string[]; output?: readonly string[]; metadata?: readonly string[] };
  /**
   * True when it reports how far a call has come, by `context.progress`. Its function then streams its answers, and so
   * does the MCP endpoint behind a Function URL.
   */
  progress?: boolean;
  /** True when it queries the api function; this grants it the permission. */
  asksApi?: boolean;
  /** True when it notifies people by `notify`; this lets it send to the notifier's queue of custom notices. */
  notifies?: boolean;
}

/** The facts that say how long a tool may take. A function of another app may have no timeout that is known. */
export interface TimeFacts {
  readonly alarms: AlarmFacts;
  readonly timeoutSeconds?: number | undefined;
}

const P95_MS = 5_000;
const CRITICAL_P95_MS = 10_000;

/** The 95th percentile above which a tool counts as slow, in milliseconds: as it states, or the default. */
export function p95MsOf({ alarms, timeoutSeconds }: TimeFacts): number {
  if (alarms.p95Ms !== undefined) return alarms.p95Ms;
  if (timeoutSeconds === undefined) return P95_MS;
  const timeoutMs = timeoutSeconds * 1_000;
  return Math.round(Math.min(timeoutMs / 2, Math.max(P95_MS, timeoutMs / 6)));
}

/** The 95th percentile that pages, in milliseconds: as the tool states, or the default. Never below `p95MsOf`. */
export function criticalP95MsOf(facts: TimeFacts): number {
  const { alarms, timeoutSeconds = 0 } = facts;
  const longest = Math.max(CRITICAL_P95_MS, (timeoutSeconds * 1_000) / 3);
  const fourfold = Math.max(P95_MS, 4 * (alarms.p95Ms ?? longest));
  const usual = timeoutSeconds * 1_000 > CRITICAL_P95_MS ? Math.min(longest, fourfold) : longest;
  return Math.max(alarms.criticalP95Ms ?? Math.round(usual), p95MsOf(facts));
}

/** Defaults for `AlarmFacts` and for the function's memory. */
export const ERROR_RATE = 0.1;
export const MIN_CALLS = 20;
/** The share of calls that may fail under a name without limits of its own. */
export const OTHER_ERROR_RATE = 0.05;
export const MIN_ERRORS = 3;
export const DEFAULT_MEMORY_MB = 256;

/** The share of the calls that depend on a provider which may fail by its fault. */
export const PROVIDER_ERROR_RATE = 0.1;

/**
 * Whether a tool's calls say how its provider is doing. Those of a tool that may fail more often than a provider do not:
 * its failures are expected, and its own alarm reports when they are too many.
 */
export function countsProvider({ alarms }: Pick<ToolFacts, 'alarms'>): boolean {
  return (alarms.errorRate ?? ERROR_RATE) <= PROVIDER_ERROR_RATE;
}
