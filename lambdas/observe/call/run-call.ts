import type { CallContext } from '../../contract/call-context.ts';
import { type Failure, failureOfCancellation, failureOfThrown, failureOfTimeout } from '../failure/failure.ts';
import { emit } from '../line/emit.ts';
import { takeColdStart } from './deployment.ts';
import { metadataOf } from './gather.ts';
import { type LambdaContext, readIncomingCall } from './incoming.ts';
import type { Operation } from './operation.ts';
import { currentScope, openScope, runWithin, type Scope } from './scope.ts';

/** What came of a call: a result or a failure. */
export type Outcome<Result> = { result: Result; failure?: undefined } | { failure: Failure };

/** What is left of the function's time for writing the line and answering, in milliseconds. */
const MARGIN_MS = 250;

/** How long the work may take: never past the function's own remaining time less a margin. Undefined when nothing limits it. */
const allowedMs = (limitMs: number | undefined, context: LambdaContext): number | undefined => {
  const remaining = context.getRemainingTimeInMillis?.();
  if (remaining === undefined || !Number.isFinite(remaining)) return limitMs;
  return Math.min(limitMs ?? Number.POSITIVE_INFINITY, Math.max(1, Math.floor(remaining - MARGIN_MS)));
};

/**
 * `work`'s outcome, or the failure that ended the wait for it: its time is over, before Lambda kills the process, or the
 * caller went away. Both abort the call's signal.
 */
const raced = <Result>(
  scope: Scope,
  limitMs: number | undefined,
  work: (scope: Scope) => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> =>
  new Promise((resolve) => {
    const ms = allowedMs(limitMs, scope.lambda);
    const caller = scope.lambda.signal;
    let timer: NodeJS.Timeout | undefined;
    const settle = (outcome: Outcome<Result>) => {
      scope.hasOutcome = true;
      clearTimeout(timer);
      caller?.removeEventListener('abort', onCancel);
      resolve(outcome);
    };
    const stop = (failure: Failure, name: string) => {
      if (scope.hasOutcome) return;
      settle({ failure });
      scope.abortController?.abort(new DOMException(failure.message, name));
    };
    const onCancel = () => stop(failureOfCancellation(), 'AbortError');
    if (caller?.aborted) {
      onCancel();
      return;
    }
    caller?.addEventListener('abort', onCancel, { once: true });
    if (ms !== undefined) {
      scope.deadlineMs = scope.monotonicStartMs + ms;
      timer = setTimeout(() => stop(failureOfTimeout(ms, scope.pendingDependencies > 0), 'TimeoutError'), ms);
    }
    work(scope).then(settle, (thrown) => settle({ failure: failureOfThrown(thrown, scope.operation.provider) }));
  });

/** Opens the scope of a call that begins now, as part of the call it is made from, if any. `said` is what its event says of it. */
export const beginCall = (site: Operation, lambda: LambdaContext, said: Partial<CallContext> = {}): Scope =>
  openScope(site, readIncomingCall(lambda, Date.now(), said, currentScope()?.incoming), lambda, takeColdStart());

/** Writes a call's line. */
export const endCall = (scope: Scope, failure: Failure | undefined): void => {
  const { call, startedAtMs, trace_id } = scope.incoming;
  emit(scope.operation, {
    call,
    traceId: trace_id,
    startedAtMs,
    finishedAtMs: Date.now(),
    durationMs: performance.now() - scope.monotonicStartMs,
    coldStart: scope.coldStart,
    attempts: scope.attempts,
    failure,
    requestBytes: scope.requestBytes,
    responseBytes: scope.responseBytes,
    costUsd: scope.costUsd,
    metadata: metadataOf(scope),
    measures: scope.measures && Object.fromEntries(scope.measures),
  });
};

/**
 * Runs one call and writes its one line before it resolves. Never rejects: whatever `work` does comes back as an
 * outcome. `told` may still change what the line says of a failure.
 */
export const runCall = async <Result>(
  scope: Scope,
  limitMs: number | undefined,
  work: (scope: Scope) => Promise<Outcome<Result>>,
  told: (failure: Failure) => Failure = (failure) => failure,
): Promise<Outcome<Result>> => {
  const outcome = await runWithin(scope, () => raced(scope, limitMs, work));
  endCall(scope, outcome.failure && told(outcome.failure));
  return outcome;
};
