import type { CallContext } from '../../contract/call-context.ts';
import { type Failure, failureOfCancellation, failureOfThrown, failureOfTimeout } from '../failure/failure.ts';
import { emit } from '../line/emit.ts';
import { applyDebugFlag } from './debug-flag.ts';
import { takeColdStart } from './deployment.ts';
import { measuresOf, metadataOf } from './gather.ts';
import { type FunctionContext, readIncomingCall } from './incoming.ts';
import { type Operation, relabel } from './operation.ts';
import { addMetadata, currentScope, openScope, runWithin, type Scope } from './scope.ts';

/** How a call ended: with a result or with a failure. */
export type Outcome<Result> = { result: Result; failure?: undefined } | { failure: Failure };

/** The part of the function's time that is reserved for writing the line and replying, in milliseconds. */
const MARGIN_MS = 250;

/** The work's time limit: at most the function's own remaining time less a margin. Undefined when nothing limits it. */
function limitToRemainingTime(limitMs: number | undefined, remaining: number | undefined): number | undefined {
  return remaining === undefined
    ? limitMs
    : Math.min(limitMs ?? Number.POSITIVE_INFINITY, Math.max(1, Math.floor(remaining - MARGIN_MS)));
}

/**
 * The outcome of `work`, or the failure that ended the wait for it: its time limit, which is before Lambda kills the
 * process, or the caller's cancellation. Both abort the call's signal.
 */
function withTimeout<Result>(
  scope: Scope,
  limitMs: number | undefined,
  work: () => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> {
  return new Promise((resolve) => {
    const ms = limitToRemainingTime(limitMs, scope.lambda.remainingMs);
    const callerSignal = scope.lambda.signal;
    let timer: NodeJS.Timeout | undefined;
    const finish = (outcome: Outcome<Result>) => {
      scope.hasOutcome = true;
      clearTimeout(timer);
      callerSignal?.removeEventListener('abort', onCancel);
      resolve(outcome);
    };
    const stop = (failure: Failure, name: string) => {
      if (scope.hasOutcome) return;
      finish({ failure });
      scope.abortController?.abort(new DOMException(failure.message, name));
    };
    const onCancel = () => stop(failureOfCancellation(), 'AbortError');
    if (callerSignal?.aborted) {
      onCancel();
      return;
    }
    callerSignal?.addEventListener('abort', onCancel, { once: true });
    if (ms !== undefined) {
      scope.deadlineMs = scope.monotonicStartMs + ms;
      timer = setTimeout(() => stop(failureOfTimeout(ms, scope.pendingDependencies > 0), 'TimeoutError'), ms);
    }
    work().then(finish, (thrown) => finish({ failure: failureOfThrown(thrown, scope.operation.provider) }));
  });
}

/**
 * Opens the scope of a call that begins now, as a child of the call it is made from, if any. `eventContext` is what the
 * event itself says about the caller and the trace.
 */
export function beginCall(
  operation: Operation,
  lambda: FunctionContext,
  eventContext: Partial<CallContext> = {},
): Scope {
  const nowMs = Date.now();
  const incoming = readIncomingCall(lambda, nowMs, eventContext, currentScope()?.incoming);
  const scope = openScope(operation, incoming, lambda, takeColdStart());
  if (incoming.call.debug_flag !== undefined) applyDebugFlag(scope, nowMs);
  return scope;
}

/** Runs a call's work inside its scope, for at most `limitMs`. Never rejects: anything that is thrown is a failure. */
export function runWork<Result>(
  scope: Scope,
  limitMs: number | undefined,
  work: () => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> {
  return runWithin(scope, () => withTimeout(scope, limitMs, work));
}

/** When a call ended and how long its work took, in milliseconds. */
interface MeasuredTime {
  finishedAtMs: number;
  durationMs: number;
}

function measureTime({ monotonicStartMs }: Scope): MeasuredTime {
  return {
    finishedAtMs: Date.now(),
    durationMs: performance.now() - monotonicStartMs,
  };
}

/** Writes a call's line. `time` is given for a call that was measured elsewhere. */
export function endCall(scope: Scope, failure: Failure | undefined, time = measureTime(scope)): void {
  const { call, startedAtMs, trace_id } = scope.incoming;
  if (failure?.upstreamStatus !== undefined) addMetadata(scope, { upstream_status: failure.upstreamStatus });
  emit(scope.labels ? relabel(scope.operation, scope.labels) : scope.operation, {
    call,
    traceId: trace_id,
    startedAtMs,
    ...time,
    coldStart: scope.coldStart,
    attempts: scope.attempts,
    failure,
    requestBytes: scope.requestBytes,
    responseBytes: scope.responseBytes,
    costUsd: scope.costUsd,
    metadata: metadataOf(scope),
    measures: measuresOf(scope),
  });
}
