import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { DependencyTally } from './gather.ts';
import type { IncomingCall, LambdaContext } from './incoming.ts';
import type { Operation } from './operation.ts';

/** One running call: what it gathers until its line is written. Each call has its own, so calls may overlap in one process. */
export interface Scope {
  readonly operation: Operation;
  readonly incoming: IncomingCall;
  readonly lambda: LambdaContext;
  /** On the monotonic clock, in milliseconds. */
  readonly monotonicStartMs: number;
  readonly coldStart: boolean;
  /** On the same clock: when the wait for the call's work ends. */
  deadlineMs: number;
  /** True when the outcome is decided; what comes later is not told. */
  hasOutcome: boolean;
  attempts: number;
  /** How many calls of dependencies have not come back yet. */
  pendingDependencies: number;
  requestBytes: number | undefined;
  responseBytes: number | undefined;
  costUsd: number | undefined;
  abortController: AbortController | undefined;
  logger: Logger | undefined;
  dependencies: Map<string, DependencyTally> | undefined;
  measures: Map<string, number> | undefined;
  /** Units of the measures that were given one. */
  units: Map<string, string> | undefined;
  /** What else is told of the call, redacted already. */
  extraMetadata: Record<string, unknown> | undefined;
}

/** A call that begins now. */
export const openScope = (
  site: Operation,
  incoming: IncomingCall,
  lambda: LambdaContext,
  coldStart: boolean,
): Scope => ({
  operation: site,
  incoming,
  lambda,
  monotonicStartMs: performance.now(),
  coldStart,
  deadlineMs: Number.POSITIVE_INFINITY,
  hasOutcome: false,
  attempts: 1,
  pendingDependencies: 0,
  requestBytes: undefined,
  responseBytes: undefined,
  costUsd: undefined,
  abortController: undefined,
  logger: undefined,
  dependencies: undefined,
  measures: undefined,
  units: undefined,
  extraMetadata: undefined,
});

const scopes = new AsyncLocalStorage<Scope>();

/** The call that is running here; undefined outside of one, and when its outcome is decided. */
export const currentScope = (): Scope | undefined => {
  const scope = scopes.getStore();
  return scope?.hasOutcome ? undefined : scope;
};

/** Runs `work` inside of `scope`, through whatever it awaits. */
export const runWithin = <Result>(scope: Scope, work: () => Result): Result => scopes.run(scope, work);

/** Makes `scope` the current one for what follows in this asynchronous context, where nothing can be wrapped. */
export const enterScope = (scope: Scope): void => scopes.enterWith(scope);

/** The signal that tells the call's work to stop; made when first asked for. */
export const signalOf = (scope: Scope): AbortSignal => {
  scope.abortController ??= new AbortController();
  return scope.abortController.signal;
};
