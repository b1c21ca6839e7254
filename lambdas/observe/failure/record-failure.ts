import type { CallContext } from '../../contract/call-context.ts';
import type { ToolFacts } from '../../contract/tool-facts.ts';
import { UNREGISTERED } from '../../contract/vocabulary.ts';
import { parseTraceparent } from '../call/correlation.ts';
import { traceIdOf } from '../call/incoming.ts';
import { operationOf } from '../call/operation.ts';
import { emit } from '../line/emit.ts';
import { countDropped } from '../line/stdout.ts';
import { timeOfUuidV7 } from '../line/uuid.ts';
import { toPlainText } from '../privacy/redact.ts';
import type { Failure } from './failure.ts';

/** The longest name of an unregistered tool that is kept, in characters. */
const STRANGE_NAME_LIMIT = 64;

export interface RecordedFailure {
  /** The tool's name and what is known about it; a name alone when no such tool is registered. */
  tool: (Pick<ToolFacts, 'name' | 'provider' | 'gptName'> & { slowMs: number }) | string;
  call: CallContext;
  failure: Failure;
  /** How long the caller had waited, in milliseconds. */
  durationMs: number;
  requestBytes?: number;
}

/**
 * Writes the line of a call on behalf of a tool that could not: its process was killed, or there is no such tool.
 * The event id is the call's, so a line the tool did write is stored only once. Never throws.
 */
export const recordFailure = ({ tool, call, failure, durationMs, requestBytes }: RecordedFailure): void => {
  try {
    const site =
      typeof tool === 'string'
        ? operationOf({
            kind: 'tool',
            name: toPlainText(tool, STRANGE_NAME_LIMIT) || UNREGISTERED,
            toolDimension: UNREGISTERED,
          })
        : operationOf({
            kind: 'tool',
            name: tool.name,
            slowMs: tool.slowMs,
            provider: tool.provider,
            gptName: tool.gptName,
          });
    const startedAtMs = timeOfUuidV7(call.event_id);
    emit(site, {
      call,
      traceId: parseTraceparent(call.traceparent)?.trace_id ?? traceIdOf(call.event_id),
      startedAtMs,
      finishedAtMs: Date.now(),
      durationMs,
      coldStart: false,
      attempts: 1,
      failure,
      requestBytes,
    });
  } catch {
    countDropped();
  }
};
