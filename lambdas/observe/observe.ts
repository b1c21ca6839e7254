import { type Kind, UNREGISTERED } from '../contract/vocabulary.ts';
import type { OwnMetadata } from './call/annotate.ts';
import { addCost, annotateCall } from './call/gather.ts';
import { readLambdaContext } from './call/incoming.ts';
import { hasFurtherLabels, type Labels, labelCall } from './call/labels.ts';
import { type Operation, operationOf, toPlainName } from './call/operation.ts';
import { beginCall, endCall, type Outcome, runWork } from './call/run-call.ts';
import type { Scope } from './call/scope.ts';
import { createWorkContext, type WorkContext } from './call/tool-context.ts';
import { type Failure, failureOfThrown } from './failure/failure.ts';

/** With more names than this in one process, names are made of data, and each would be a metric of its own. */
const MAX_NAMES = 200;

/** What work is observed with; labels and metadata hold for each call, and `context` may add others. */
export interface ObserveOptions extends Labels {
  /** A longer call counts as slow and is a warning in the log, in milliseconds. */
  slowMs?: number;
  /** A longer call is an error in the log, in milliseconds. */
  criticalMs?: number;
  /** Metadata that views read, and that under `metadataKeys`; redacted and bounded. */
  metadata?: OwnMetadata;
  /** The keys of metadata of one's own that calls may set. */
  metadataKeys?: readonly string[];
  /** The cost of one call, in US dollars. */
  costUsd?: number;
  /** Ends the wait on the caller's behalf. */
  signal?: AbortSignal;
}

const operations = new Map<string, Operation>();

/** The same operation with the thresholds of one call, which may differ from those of the first. */
function withThresholds(operation: Operation, slowMs = Infinity, criticalMs = Infinity): Operation {
  if (operation.slowMs === slowMs && operation.criticalMs === criticalMs) return operation;
  return { ...operation, facts: { ...operation.facts, slowMs, criticalMs }, relabelled: undefined, slowMs, criticalMs };
}

/**
 * The operation of work that is not a `defineTool`. Its metrics have the name `kind/name`, so they never mix with a
 * tool's.
 */
export function operationOfWork(kind: Kind, name: string, options: ObserveOptions): Operation {
  const key = `${kind}/${name}`;
  const { slowMs, criticalMs, provider } = options;
  const known = operations.get(key);
  if (known) return withThresholds(known, slowMs, criticalMs);
  const hasRoom = operations.size < MAX_NAMES;
  const plainName = toPlainName(name);
  const ownDimension = kind === 'tool' ? plainName : `${kind}/${plainName}`;
  const toolDimension = hasRoom ? ownDimension : UNREGISTERED;
  const operation = operationOf({ kind, name, toolDimension, slowMs, criticalMs, provider, warnsWhenSlow: true });
  if (hasRoom) operations.set(key, operation);
  return operation;
}

/** Gives a call what its options state. */
export function applyOptions(scope: Scope, options: ObserveOptions): void {
  if (hasFurtherLabels(scope, options)) labelCall(scope, options);
  if (options.costUsd !== undefined) addCost(scope, options.costUsd);
  scope.metadataKeys = options.metadataKeys;
  if (options.metadata !== undefined) annotateCall(scope, options.metadata);
}

/** The error for work that did not finish, because its caller cancelled it. */
function toDomException({ message, type }: Failure): DOMException {
  return new DOMException(message, type === 'timeout' ? 'TimeoutError' : 'AbortError');
}

/**
 * Runs `work` and writes its record, whether it succeeds or fails: a job, a query, a delivery, a call of a provider.
 * Returns its result, or throws what it threw. Inside another call, it is recorded as that call's child.
 */
export async function observe<Result>(
  kind: Exclude<Kind, 'tool'>,
  name: string,
  work: (context: WorkContext) => Promise<Result> | Result,
  options: ObserveOptions = {},
): Promise<Result> {
  const scope = beginCall(operationOfWork(kind, name, options), readLambdaContext({ signal: options.signal }));
  applyOptions(scope, options);
  let thrown: unknown;
  const outcome = await runWork<Result>(scope, undefined, async (): Promise<Outcome<Result>> => {
    try {
      return { result: await work(createWorkContext(scope)) };
    } catch (error) {
      thrown = error;
      return { failure: failureOfThrown(error, options.provider ?? name) };
    }
  });
  endCall(scope, outcome.failure);
  if (!outcome.failure) return outcome.result;
  throw thrown ?? toDomException(outcome.failure);
}
