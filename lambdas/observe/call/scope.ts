import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { DependencyTally } from './gather.ts';
import type { Incoming, LambdaContext } from './incoming.ts';
import type { Operation } from './operation.ts';

/** One running call: what it gathers until its line is written. Each call has its own, so calls may overlap in one process. */
export interface Scope {
  readonly operation: Operation;
  readonly incoming: Incoming;
  readonly lambda: LambdaContext;
  /** On the monotonic clock, in milliseconds. */
  readonly began: number;
  readonly coldStart: boolean;
  /** On the same clock: when the wait for the call's work ends. */
  deadline: number;
  /** True when the outcome is decided; what comes later is not told. */
  settled: boolean;
  attempts: number;
  /** How many calls of dependencies have not come back yet. */
  pending: number;
  requestBytes: number | undefined;
  responseBytes: number | undefined;
  costUsd: number | undefined;
  aborter: AbortController | undefined;
  logger: Logger | undefined;
  dependencies: Map<string, DependencyTally> | undefined;
  measures: Map<string, number> | undefined;
  /** Units of the measures that were given one. */
  units: Map<string, string> | undefined;
  /** What else is told of the call, redacted already. */
  notes: Record<string, unknown> | undefined;
}

/** A call that begins now. */
export const openScope = (site: Operation, incoming: Incoming, lambda: LambdaContext, coldStart: boolean): Scope => ({
  operation: site,
  incoming,
  lambda,
  began: performance.now(),
  coldStart,
  deadline: Number.POSITIVE_INFINITY,
  settled: false,
  attempts: 1,
  pending: 0,
  requestBytes: undefined,
  responseBytes: undefined,
  costUsd: undefined,
  aborter: undefined,
  logger: undefined,
  dependencies: undefined,
  measures: undefined,
  units: undefined,
  notes: undefined,
});

const scopes = new AsyncLocalStorage<Scope>();

/** The call that is running here; undefined outside of one, and when its outcome is decided. */
export const currentScope = (): Scope | undefined => {
  const scope = scopes.getStore();
  return scope?.settled ? undefined : scope;
};

/** Runs `work` inside of `scope`, through whatever it awaits. */
export const runWithin = <Result>(scope: Scope, work: () => Result): Result => scopes.run(scope, work);

/** Makes `scope` the current one for what follows in this asynchronous context, where nothing can be wrapped. */
export const enterScope = (scope: Scope): void => scopes.enterWith(scope);

/** The signal that tells the call's work to stop; made when first asked for. */
export const signalOf = (scope: Scope): AbortSignal => {
  scope.aborter ??= new AbortController();
  return scope.aborter.signal;
};
