import type { HttpRequest } from '../event/shape.ts';
import { loadAsyncHooks } from '../line/node-modules.ts';
import type { CallLogger } from '../log/logger-class.ts';
import type { FunctionContext, IncomingCall } from './incoming.ts';
import type { Operation, OperationLabels } from './operation.ts';

/** Says how far a call has come. */
export type ReportProgress = (done: number, total?: number, message?: string) => void;

/** The calls of one provider within one call. */
export interface DependencyTally {
  calls: number;
  failed: number;
  ms: number;
}

/**
 * A running call and what it gathers until its line is written. Each call has its own, so calls in one process may
 * overlap.
 */
export interface Scope {
  readonly operation: Operation;
  readonly incoming: IncomingCall;
  readonly lambda: FunctionContext;
  /** When the call began, by the monotonic clock. */
  readonly monotonicStartMs: number;
  readonly coldStart: boolean;
  /** When the wait for the call's work ends, by the monotonic clock. */
  deadlineMs: number;
  /** True once the outcome is decided; what happens later is not recorded. */
  hasOutcome: boolean;
  attempts: number;
  /** The number of dependency calls that have not returned yet. */
  pendingDependencies: number;
  /** The HTTP request that an observed handler answers. */
  request: HttpRequest | undefined;
  requestBytes: number | undefined;
  responseBytes: number | undefined;
  costUsd: number | undefined;
  abortController: AbortController | undefined;
  /** Sends the caller how far the call has come; undefined where that is not possible. */
  progress: ReportProgress | undefined;
  logger: CallLogger | undefined;
  /** True when its DEBUG entries are written whatever the function's level is. */
  logsDebug: boolean;
  dependencies: Map<string, DependencyTally> | undefined;
  measures: Map<string, number> | undefined;
  /** The units of the measures that have one. */
  units: Map<string, string> | undefined;
  /** Redacted values for the record's metadata. */
  extraMetadata: Record<string, unknown> | undefined;
  /** What the call itself set by `annotate`, redacted. */
  ownMetadata: Record<string, unknown> | undefined;
  /** The keys that it may set, beside those that every call may. */
  metadataKeys: readonly string[] | undefined;
  /** Values of gauges, by the names of their series; the latest counts. */
  gauges: Map<string, number> | undefined;
  /** The labels that differ from the operation's. */
  labels: OperationLabels | undefined;
  /** What of a rate limit is used, by the names of the measures; the call's own figures come before a provider's. */
  rateLimit: { measures: Record<string, number>; metadata: Record<string, unknown>; isOwn: boolean } | undefined;
}

/** The scope of a call that begins now. */
export function openScope(
  operation: Operation,
  incoming: IncomingCall,
  lambda: FunctionContext,
  coldStart: boolean,
): Scope {
  return {
    operation,
    incoming,
    lambda,
    monotonicStartMs: performance.now(),
    coldStart,
    deadlineMs: Number.POSITIVE_INFINITY,
    hasOutcome: false,
    attempts: 1,
    pendingDependencies: 0,
    request: undefined,
    requestBytes: undefined,
    responseBytes: undefined,
    costUsd: undefined,
    abortController: undefined,
    progress: undefined,
    logger: undefined,
    logsDebug: false,
    dependencies: undefined,
    measures: undefined,
    units: undefined,
    extraMetadata: undefined,
    ownMetadata: undefined,
    metadataKeys: undefined,
    gauges: undefined,
    labels: undefined,
    rateLimit: undefined,
  };
}

/** Adds values to the metadata of the call's record. They must be redacted already. */
export function addMetadata(scope: Scope, values: Record<string, unknown>): void {
  scope.extraMetadata = { ...scope.extraMetadata, ...values };
}

const { AsyncLocalStorage } = loadAsyncHooks();
const scopes = new AsyncLocalStorage<Scope>();

/** The call that is running here; undefined outside a call, and once its outcome is decided. */
export function currentScope(): Scope | undefined {
  const scope = scopes.getStore();
  return scope?.hasOutcome ? undefined : scope;
}

/** Runs `work` inside `scope`, including everything it awaits. */
export function runWithin<Result>(scope: Scope, work: () => Result): Result {
  return scopes.run(scope, work);
}

/** Makes `scope` the current one for the rest of this asynchronous context, where there is no function to wrap. */
export function enterScope(scope: Scope): void {
  scopes.enterWith(scope);
}

/** The signal that tells the call's work to stop; created on first use. */
export function signalOf(scope: Scope): AbortSignal {
  scope.abortController ??= new AbortController();
  return scope.abortController.signal;
}
