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
