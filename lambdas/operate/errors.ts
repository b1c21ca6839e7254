import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { PROBLEM_TYPE, problemOf } from '../contract/problem.ts';

/** A request that cannot be done as it is: the HTTP status, and a sentence that says what to write or do. */
export class RefusedRequest extends Error {
  override name = 'RefusedRequest';
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 429;
  /** The names of what must be written differently. */
  readonly parameters: readonly string[] | undefined;

  constructor(status: RefusedRequest['status'], message: string, parameters?: readonly string[]) {
    super(message);
    this.status = status;
    this.parameters = parameters;
  }
}

const HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** An answer in JSON. */
export const toAnswer = (
  statusCode: number,
  body: object,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { ...HEADERS, ...headers },
  body: JSON.stringify(body),
});

/** The answer to a request that was refused or that failed, as the api function gives it. */
export const toRefusal = (
  { status, message, parameters }: Pick<RefusedRequest, 'message' | 'parameters'> & { status: number },
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 =>
  toAnswer(status, problemOf(status, message, parameters), { ...headers, 'content-type': PROBLEM_TYPE });

/** AWS counts most requests by the second. */
const RETRY_AFTER_SECONDS = 5;
const AGAIN = `Try again in ${RETRY_AFTER_SECONDS} seconds.`;

const FAILED = {
  read: 'The request failed. It changes nothing, so try it again; the log of the function operate has the reason.',
  change:
    'The request failed, and whether it changed something is not known. The log of the function operate has the reason.',
};
const THROTTLED = {
  read: `AWS takes no more requests at the moment. ${AGAIN}`,
  change: `AWS takes no more requests at the moment, and whether this one changed something is not known. ${AGAIN}`,
};

/** Whether AWS refused because of too many requests; its services have a name each for it. */
const isThrottled = ({ name }: Error): boolean =>
  /^(Throttl|RequestThrottled|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded)/.test(name);

/** The answer to a request that failed: 429 with when to try again where AWS takes no more requests, else 500. */
export const toFailure = (
  error: Error,
  { isRead }: { readonly isRead: boolean },
): APIGatewayProxyStructuredResultV2 => {
  const kind = isRead ? 'read' : 'change';
  if (!isThrottled(error)) return toRefusal({ status: 500, message: FAILED[kind], parameters: undefined });
  const refused = { status: 429, message: THROTTLED[kind], parameters: undefined };
  return toRefusal(refused, { 'retry-after': String(RETRY_AFTER_SECONDS) });
};
