import type { CallContext } from '../../contract/call-context.ts';
import type { ToolFacts } from '../../contract/tool-facts.ts';
import { UNREGISTERED } from '../../contract/vocabulary.ts';
import { type Operation, operationOf } from '../call/operation.ts';
import { emitFromOutside } from '../line/emit-from-outside.ts';
import type { Failure } from './failure.ts';

type RecordedTool = Pick<ToolFacts, 'name' | 'provider' | 'gptName' | 'domain'> & {
  slowMs: number;
  countsProvider: boolean;
};

export interface RecordedFailure {
  /** The facts of the tool, or `UNREGISTERED` when there is no such tool. */
  tool: RecordedTool | typeof UNREGISTERED;
  call: CallContext;
  failure: Failure;
  /** How long the caller had waited, in milliseconds. */
  durationMs: number;
  requestBytes?: number;
}

function findOperation(tool: RecordedFailure['tool']): Operation {
  if (tool === UNREGISTERED) return operationOf({ kind: 'tool', name: UNREGISTERED });
  const { name, slowMs, provider, gptName, domain, countsProvider } = tool;
  return operationOf({ kind: 'tool', name, slowMs, provider, gptName, domain, countsProvider });
}

/**
 * Writes the line of a call that the tool itself could not write: its process was killed, or there is no such tool. The
 * event id is the call's, so that a line that the tool did write is stored only once. Never throws.
 */
export function recordFailure({ tool, ...record }: RecordedFailure): void {
  emitFromOutside(() => findOperation(tool), record);
}
