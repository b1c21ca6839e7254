import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ErrorReport } from '../contract/reports.ts';

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

/** The answer to a request that was refused, as the api function gives it. */
export const toRefusal = (
  { status, message, parameters }: RefusedRequest,
  headers?: Record<string, string>,
): APIGatewayProxyStructuredResultV2 => {
  const report: ErrorReport = { error: { message, ...(parameters && { parameters: [...parameters] }) } };
  return toAnswer(status, report, headers);
};
