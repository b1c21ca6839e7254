import { isList, readEntries, readItems, readProperty } from '../call/read-safely.ts';
import { type Failure, failureOfErrorResult } from '../failure/failure.ts';
import { interpretOwnStatus } from '../failure/own-status.ts';
import { isStatus } from './http-exchange.ts';

const OUR_FAILURE = { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false } as const;

/** An answer that its sender cannot use: it tells its own client 500 or 502. */
export function failureOfInvalidAnswer(message: string): Failure {
  return {
    ...OUR_FAILURE,
    type: 'invalid_answer',
    message,
  };
}

/** The HTTP status of an answer, which may also be written as text; undefined when it has none. */
function statusIn(answer: unknown): number | undefined {
  const status = readProperty(answer, 'statusCode');
  if (status === undefined || status === null) return undefined;
  return typeof status === 'number' || typeof status === 'string' ? Number(status) : Number.NaN;
}

/** The status that a client reads: the answer's, unless its sender makes an error of it. */
export function statusForClient(answer: unknown, failure: Failure | undefined, errorStatus: number): number {
  const stated = statusIn(answer) ?? 200;
  if (!failure) return isStatus(stated) ? stated : 200;
  return failure.type === `http_${stated}` ? stated : errorStatus;
}

/** The failure that an answer's status names; undefined for a success and for an answer without a status. */
export function failureOfStatus(answer: unknown): Failure | undefined {
  const status = statusIn(answer);
  if (status === undefined) return undefined;
  if (!isStatus(status)) return failureOfInvalidAnswer('The statusCode of the answer is no HTTP status');
  const meaning = interpretOwnStatus(status);
  return meaning && { ...meaning, type: `http_${status}`, message: `answered ${status}` };
}

/** The same for a sender that takes nothing else for an HTTP status. */
export function failureOfLikelyStatus(answer: unknown): Failure | undefined {
  const status = statusIn(answer);
  return status !== undefined && isStatus(status) ? failureOfStatus(answer) : undefined;
}

/** True for a stream, or an answer whose body is one: it is delivered in parts, and is not JSON. */
export function isStream(answer: unknown): boolean {
  return [answer, readProperty(answer, 'body')].some((value) =>
    ['pipe', 'getReader'].some((method) => typeof readProperty(value, method) === 'function'),
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The failure in an answer to a sender that takes only `{ statusCode, headers, body }` with a text as its body. */
export function failureOfStrictAnswer(answer: unknown): Failure | undefined {
  if (isStream(answer)) return failureOfStatus(answer);
  if (answer !== undefined && answer !== null && (!isObject(answer) || isList(answer))) {
    return failureOfInvalidAnswer('The answer is not an object with a statusCode');
  }
  if (isObject(readProperty(answer, 'body'))) return failureOfInvalidAnswer('The body of the answer is not a text');
  return failureOfStatus(answer);
}

/**
 * The failed part of a batch. The sender repeats what `batchItemFailures` names, and the whole batch when it cannot tell
 * what that is.
 */
export function failureOfBatch(answer: unknown, total: number): Failure | undefined {
  const failures = readProperty(answer, 'batchItemFailures');
  if (failures === undefined || failures === null) return undefined;
  const items = readItems(failures);
  const namesAll = isList(failures) && items.every((item) => Boolean(readProperty(item, 'itemIdentifier')));
  const failed = namesAll ? items.length : total;
  if (failed === 0) return undefined;
  const message = `${failed} of ${total} messages failed`;
  return { ...OUR_FAILURE, type: 'batch_item_failures', message, retryable: true };
}

/** The failed part of a batch whose answer lists each item with its own result. */
export function failureOfItems(items: unknown[], isFailed: (item: unknown) => boolean): Failure | undefined {
  const failed = items.filter(isFailed).length;
  if (failed === 0) return undefined;
  return { ...OUR_FAILURE, type: 'batch_item_failures', message: `${failed} of ${items.length} items failed` };
}

/** An answer that marks itself as a failure: an MCP result, or a tool's failure that is passed on. */
export function failureOfErrorAnswer(answer: unknown): Failure | undefined {
  if (readProperty(answer, 'isError') !== true) return undefined;
  // A copy, because reading the answer again could throw.
  return failureOfErrorResult(Object.fromEntries(readEntries(answer)));
}
