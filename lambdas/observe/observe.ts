import { type Kind, UNREGISTERED } from '../contract/vocabulary.ts';
import { addCost } from './call/gather.ts';
import { type Operation, operationOf } from './call/operation.ts';
import { beginCall, type Outcome, runCall } from './call/run-call.ts';
import { createWorkContext, type WorkContext } from './call/tool-context.ts';
import { type Failure, failureOfThrown } from './failure/failure.ts';

/** More names than this in one process are made of data, and each would be a metric of its own. */
const NAMES_LIMIT = 200;

export interface ObserveOptions {
  /** Longer than this is slow and a warning in the log, in milliseconds. */
  slowMs?: number;
  /** Longer than this is an error in the log, in milliseconds. */
  criticalMs?: number;
  /** The outside service the work depends on. */
  provider?: string;
  /** What one such call costs, in US dollars. */
  costUsd?: number;
  /** Aborts the wait on the caller's behalf. */
  signal?: AbortSignal;
}

const sites = new Map<string, Operation>();

/** The site of work that is no tool; its metrics stand under `kind/name`, so that they never mix with a tool's. */
export const operationOfWork = (kind: Kind, name: string, options: ObserveOptions): Operation => {
  const key = `${kind}/${name}`;
  const known = sites.get(key);
  if (known) return known;
  const { slowMs, criticalMs, provider } = options;
  const counted = sites.size < NAMES_LIMIT ? (kind === 'tool' ? name : key) : UNREGISTERED;
  const site = operationOf({ kind, name, toolDimension: counted, slowMs, criticalMs, provider });
  if (sites.size < NAMES_LIMIT) sites.set(key, site);
  return site;
};

/**
 * Runs `work` and writes its record, whatever becomes of it: a job, a query, a delivery, a call of an outside service.
 * Gives its result, or throws the very thing it threw. Made from inside a call, it is part of that call's thread.
 */
export const observe = async <Result>(
  kind: Exclude<Kind, 'tool'>,
  name: string,
  work: (context: WorkContext) => Promise<Result> | Result,
  options: ObserveOptions = {},
): Promise<Result> => {
  const scope = beginCall(operationOfWork(kind, name, options), options.signal ? { signal: options.signal } : {});
  if (options.costUsd !== undefined) addCost(scope, options.costUsd);
  let thrown: unknown;
  const outcome = await runCall<Result>(scope, undefined, async (): Promise<Outcome<Result>> => {
    try {
      return { result: await work(createWorkContext(scope)) };
    } catch (error) {
      thrown = error;
      return { failure: failureOfThrown(error, options.provider ?? name) };
    }
  });
  if (!outcome.failure) return outcome.result;
  throw thrown ?? stoppedBy(outcome.failure);
};

const stoppedBy = (failure: Failure): DOMException =>
  new DOMException(failure.message, failure.type === 'timeout' ? 'TimeoutError' : 'AbortError');
