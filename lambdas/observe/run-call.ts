import { takeColdStart } from './deployment.ts';
import { cancelled, type Failure, failureOfThrown, timedOut } from './failure.ts';
import { metadataOf } from './gather.ts';
import { incoming, type LambdaContext } from './incoming.ts';
import { lineOf } from './record.ts';
import { type Scope, within } from './scope.ts';
import type { Site } from './site.ts';
import { countDropped, writeLine } from './stdout.ts';

/** What came of a call: a result or a failure. */
export type Outcome<Result> = { result: Result; failure?: never } | { failure: Failure };

/** What is left of the function's time for writing the line and answering, in milliseconds. */
const MARGIN_MS = 250;

/** How long the work may take: never past the function's own remaining time less a margin. Undefined when nothing limits it. */
const allowedMs = (limitMs: number | undefined, context: LambdaContext): number | undefined => {
  const remaining = context.getRemainingTimeInMillis?.();
  if (remaining === undefined) return limitMs;
  return Math.min(limitMs ?? Number.POSITIVE_INFINITY, Math.max(1, Math.floor(remaining - MARGIN_MS)));
};

/** `work`, or the failure that ended the wait for it: time, or a caller that went away. Both abort the call's signal. */
const raced = <Result>(
  scope: Scope,
  limitMs: number | undefined,
  work: () => Promise<Outcome<Result>>,
  provider: string | undefined,
): Promise<Outcome<Result>> =>
  new Promise((settle) => {
    const ms = allowedMs(limitMs, scope.lambda);
    const caller = scope.lambda.signal;
    const stop = (failure: Failure) => {
      end({ failure });
      scope.aborter?.abort(
        new DOMException(failure.message, failure.type === 'timeout' ? 'TimeoutError' : 'AbortError'),
      );
    };
    const timer = ms === undefined ? undefined : setTimeout(() => stop(timedOut(ms, scope.pending > 0)), ms);
    const onCancel = () => stop(cancelled());
    const end = (outcome: Outcome<Result>) => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onCancel);
      settle(outcome);
    };
    if (caller?.aborted) return onCancel();
    caller?.addEventListener('abort', onCancel, { once: true });
    work().then(end, (thrown) => end({ failure: failureOfThrown(thrown, provider) }));
  });

const write = (site: Site, scope: Scope, failure: Failure | undefined, bytes: Bytes): void => {
  try {
    const now = Date.now();
    const { call, startedAtMs, trace_id } = scope.incoming;
    const line = lineOf(site, {
      call,
      trace_id,
      startedAtMs,
      finishedAtMs: Math.max(now, startedAtMs),
      durationMs: performance.now() - scope.began,
      coldStart: scope.coldStart,
      attempts: scope.attempts,
      failure,
      requestBytes: bytes.request,
      responseBytes: bytes.response,
      costUsd: scope.costUsd,
      metadata: metadataOf(scope),
      measures: scope.measures && Object.fromEntries(scope.measures),
    });
    writeLine(line);
  } catch {
    countDropped();
  }
};

/** Sizes of what came in and went out, in bytes of JSON. */
export interface Bytes {
  request?: number;
  response?: number;
}

/**
 * Runs one call and writes its one line before it resolves. Never rejects: whatever `work` does comes back as an
 * outcome.
 */
export const runCall = async <Result>(
  site: Site,
  context: LambdaContext | undefined,
  limitMs: number | undefined,
  work: (scope: Scope, bytes: Bytes) => Promise<Outcome<Result>>,
): Promise<{ outcome: Outcome<Result>; scope: Scope }> => {
  const lambda = context ?? {};
  const scope: Scope = {
    site,
    incoming: incoming(lambda, Date.now()),
    lambda,
    began: performance.now(),
    coldStart: takeColdStart(),
    attempts: 1,
    pending: 0,
  };
  const bytes: Bytes = {};
  const outcome = await within(scope, () => raced(scope, limitMs, async () => work(scope, bytes), site.provider));
  write(site, scope, outcome.failure, bytes);
  return { outcome, scope };
};
