import { AsyncLocalStorage } from 'node:async_hooks';
import type { DependencyTally } from './gather.ts';
import type { Incoming, LambdaContext } from './incoming.ts';

/** One running call: what it gathers until its line is written. Each call has its own, so calls may overlap in one process. */
export interface Scope {
  site: { name: string };
  incoming: Incoming;
  lambda: LambdaContext;
  /** On the monotonic clock, in milliseconds. */
  began: number;
  coldStart: boolean;
  attempts: number;
  /** How many calls of dependencies have not come back yet. */
  pending: number;
  aborter?: AbortController;
  dependencies?: Map<string, DependencyTally>;
  measures?: Map<string, number>;
  /** Units of the measures that were given one. */
  units?: Map<string, string>;
  costUsd?: number;
}

const scopes = new AsyncLocalStorage<Scope>();

/** The call that is running here; undefined outside of one. */
export const currentScope = (): Scope | undefined => scopes.getStore();

/** Runs `work` inside of `scope`, through whatever it awaits. */
export const within = <Result>(scope: Scope, work: () => Result): Result => scopes.run(scope, work);

/** The signal that tells the call's work to stop; made when first asked for. */
export const signalOf = (scope: Scope): AbortSignal => {
  scope.aborter ??= new AbortController();
  return scope.aborter.signal;
};
