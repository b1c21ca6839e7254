import type { CallContext } from '../../contract/call-context.ts';
import { parseTraceparent } from '../call/correlation.ts';
import { traceIdOf } from '../call/incoming.ts';
import type { Operation } from '../call/operation.ts';
import type { Failure } from '../failure/failure.ts';
import { emit } from './emit.ts';
import { countDropped } from './stdout.ts';
import { timeOfUuidV7 } from './uuid.ts';

/** What is known of a call to whoever did not run it. */
export interface OutsideRecord {
  /** Its event id holds the time at which the call began. */
  call: CallContext;
  failure: Failure | undefined;
  /** In milliseconds. */
  durationMs: number;
  requestBytes?: number | undefined;
  responseBytes?: number | undefined;
  /** Must be redacted already. */
  metadata?: Record<string, unknown> | undefined;
}

/** Writes the line of a call that ends now and was not observed from within. Never throws: a failure counts as a loss. */
export function emitFromOutside(findOperation: () => Operation, record: OutsideRecord): void {
  const { call } = record;
  try {
    emit(findOperation(), {
      ...record,
      traceId: parseTraceparent(call.traceparent)?.trace_id ?? traceIdOf(call.event_id),
      startedAtMs: timeOfUuidV7(call.event_id),
      finishedAtMs: Date.now(),
      coldStart: false,
      attempts: 1,
    });
  } catch {
    countDropped();
  }
}
