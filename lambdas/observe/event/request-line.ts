import type { CallContext } from '../../contract/call-context.ts';
import type { RequestLines } from '../../contract/vocabulary.ts';
import { type Operation, operationOf } from '../call/operation.ts';
import type { Failure } from '../failure/failure.ts';
import { emitFromOutside } from '../line/emit-from-outside.ts';
import { type AnsweredExchange, toExchangeMetadata } from './http-exchange.ts';

/** A request that one of our own functions answered, and that no tool's line stands for. */
export interface AnsweredRequest {
  /** From a small set: each name is counted by itself in the store. */
  name: string;
  /** Its event id holds the time at which the request began. */
  call: CallContext;
  exchange: AnsweredExchange;
  failure?: Failure | undefined;
  durationMs: number;
  requestBytes?: number | undefined;
  responseBytes?: number | undefined;
  /** Must be redacted already. */
  metadata?: Record<string, unknown> | undefined;
  /** The value of the dimension `tool`, where the request is also counted in CloudWatch. */
  toolDimension?: string | undefined;
}

/** True when a request that ended so has a line. */
export function hasRequestLine(lines: RequestLines, failure: Failure | undefined): boolean {
  return lines === 'all' || (failure !== undefined && (lines === 'refusals' || failure.fault !== 'caller'));
}

/** Names are few; of more than this, somebody made them of data, and they are not remembered. */
const MAX_OPERATIONS = 512;
const operations = new Map<string, Operation>();

function findOperation(name: string, toolDimension: string | undefined): Operation {
  const key = `${name} ${toolDimension}`;
  const known = operations.get(key);
  if (known) return known;
  const hasMetrics = toolDimension !== undefined;
  const operation = operationOf({ kind: 'http', name, toolDimension: toolDimension ?? `http/${name}`, hasMetrics });
  if (operations.size < MAX_OPERATIONS) operations.set(key, operation);
  return operation;
}

/** Writes the line of a request. Never throws. */
export function recordRequest(request: AnsweredRequest): void {
  const { name, exchange, failure, metadata, toolDimension, ...measured } = request;
  // By itself it is one object for each exchange, of which the JSON is remembered.
  const stated = toExchangeMetadata(exchange);
  emitFromOutside(() => findOperation(name, toolDimension), {
    ...measured,
    failure,
    metadata: metadata ? { ...metadata, ...stated } : stated,
  });
}
