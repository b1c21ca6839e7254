import type * as z from 'zod';

/** When to wake whom. There is no way to say "no alarm". */
export interface AlarmFacts {
  /** The 95th percentile above which the tool counts as slow, in milliseconds. Default 5,000. */
  p95Ms?: number;
  /** The 95th percentile at which somebody is woken, in milliseconds; only a tool whose timeout is longer gets there. Default 10,000. */
  criticalP95Ms?: number;
  /** The share of calls, 0 to 1, that may fail by anything but the caller's fault. Default 0.1. */
  errorRate?: number;
  /** Fewer calls than this in a window prove nothing. Default 20. */
  minCalls?: number;
  /** Fewer failures than this in a window prove nothing. Default 3. */
  minErrors?: number;
  /** The share of calls, 0.95 to 0.9999, promised to succeed; stating one adds alarms on how fast the rest is spent. */
  objective?: number;
  /** Minutes without one call after which something must be wrong, 5 to 1,440; for tools that somebody always uses. */
  silentAfterMinutes?: number;
  /** Who acts, where it is not the deployment's owner. */
  owner?: string;
}

/** Everything about a tool that is not its behaviour. Functions, alarms, dashboards, the catalogue and the README follow from it. */
export interface ToolFacts<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  /** snake_case, at most 48 characters; also its file's name. */
  name: string;
  /** What it does and when a model should use it. */
  description: string;
  input: In;
  output: Out;
  /** True when calling it changes nothing anywhere. */
  readOnly: boolean;
  /** True when calling it twice with the same arguments does no more than once. Read-only tools are. */
  idempotent?: boolean;
  /** True when it may delete or overwrite. */
  destructive?: boolean;
  /** The outside service it depends on. */
  provider?: string;
  /** The GPT or agent it belongs to. */
  gptName?: string;
  /** After which the call is aborted and counts as TIMEOUT. Whole seconds, 1 to 840. */
  timeoutSeconds: number;
  /** Of its function, in MiB. Default 256. */
  memoryMb?: number;
  /** Tries in all, for read-only and idempotent tools. Default 1. */
  retry?: { attempts: number };
  alarms: AlarmFacts;
  /** Environment variables it reads, each given its value by the `toolSettings` of lib/settings.ts. */
  settings?: readonly string[];
  /** Dotted paths of arguments and results that may be kept with a call, redacted. Nothing else of either ever leaves. */
  capture?: { input?: readonly string[]; output?: readonly string[] };
  /** True when it asks the api function, which then lets it. */
  asksApi?: boolean;
}

/** Defaults of what `AlarmFacts` leaves open. */
export const P95_MS = 5_000;
export const CRITICAL_P95_MS = 10_000;
export const ERROR_RATE = 0.1;
export const MIN_CALLS = 20;
export const MIN_ERRORS = 3;
export const DEFAULT_MEMORY_MB = 256;
