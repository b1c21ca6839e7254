import { LAMBDA_ANSWER_LIMIT_BYTES } from '../../contract/answer-size.ts';
import { isList, readProperty } from '../call/read-safely.ts';
import { type Failure, failureOfLargeAnswer, failureOfUnsendableResult } from '../failure/failure.ts';
import { isStream } from './answer-failures.ts';

/** Whether an answer can be delivered at all, which Lambda finds out only after the line is written. */
export interface Delivery {
  /** The size of the answer as Lambda sends it; undefined when it is a stream or no JSON. */
  bytes?: number;
  failure?: Failure;
}

/** Measures an answer by writing it as Lambda will. Never throws. */
export function measureAnswer(answer: unknown, limit = LAMBDA_ANSWER_LIMIT_BYTES): Delivery {
  if (isStream(answer)) return {};
  try {
    const bytes = Buffer.byteLength(JSON.stringify(answer) ?? 'null');
    return bytes > limit ? { bytes, failure: failureOfLargeAnswer(bytes, limit) } : { bytes };
  } catch {
    return { failure: failureOfUnsendableResult() };
  }
}

/** More than the headers that are added to an answer take, in bytes. */
const HEADERS_BYTES = 512;

/** True for an answer that more headers could make too large. */
export function isNearLimit(bytes: number, limit = LAMBDA_ANSWER_LIMIT_BYTES): boolean {
  return bytes + HEADERS_BYTES > limit;
}

type HeaderValues = Record<string, unknown>;

/** True for what JSON writes as an object of headers: no list, and no `Headers` or `Map`, which it writes as empty. */
function isHeaderObject(headers: unknown): headers is HeaderValues {
  return (
    typeof headers === 'object' &&
    headers !== null &&
    !isList(headers) &&
    typeof readProperty(headers, 'get') !== 'function'
  );
}

/** Adds headers that are not there yet, in whatever letter case. */
function mergeHeaders(given: HeaderValues, added: HeaderValues): HeaderValues {
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const missing = Object.entries(added).filter(([name]) => !names.has(name));
  return { ...given, ...Object.fromEntries(missing) };
}

function toLists(headers: HeaderValues): HeaderValues {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}

/** An HTTP answer with more headers; any other answer, and one whose headers are not an object, unchanged. Never throws. */
export function addHeaders<Answer>(answer: Answer, added: Record<string, string>): Answer {
  if (typeof answer !== 'object' || answer === null) return answer;
  // An object with a JSON form of its own would lose it when copied.
  if (readProperty(answer, 'statusCode') === undefined || readProperty(answer, 'toJSON') !== undefined) return answer;
  try {
    const { headers, multiValueHeaders } = answer as { headers?: unknown; multiValueHeaders?: unknown };
    const hasNone = headers === undefined || headers === null;
    if (hasNone && isHeaderObject(multiValueHeaders)) {
      return { ...answer, multiValueHeaders: mergeHeaders(multiValueHeaders, toLists(added)) };
    }
    if (!hasNone && !isHeaderObject(headers)) return answer;
    return { ...answer, headers: mergeHeaders(hasNone ? {} : headers, added) };
  } catch {
    return answer;
  }
}
