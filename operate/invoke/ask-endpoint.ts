import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { buildChangeRequest } from '../../lambdas/contract/direct-request.ts';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { problem } from '../../lambdas/contract/problem.ts';
import type { Method } from '../../lambdas/contract/request-names.ts';
import { type Clients, findPrincipal, invokeFunction } from './invoke-function.ts';

/** What is asked of a function that answers HTTP, and the form of its answer. */
export interface EndpointRequest<Answer extends z.ZodType> {
  method: Method;
  path: `/v1/${string}`;
  /** Without the question mark. */
  query?: string;
  body?: object;
  answer: Answer;
}

/** The function answered that it does not do what it was asked for; the message says why. */
export class RequestRefused extends Error {
  override name = 'RequestRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const httpAnswer = z.object({ statusCode: z.int(), body: z.string() });
const missing = 'name the settings of the deployment with --settings, or the function with --function';
const busy = 'as many requests are answered already as may be at once; try again';

/**
 * Asks a function behind the front door directly, as the operator and by the name of whoever signed in to AWS. Throws a
 * `RequestRefused` with the function's own sentence, or a sentence when it cannot be invoked, or fails.
 */
export const askEndpoint = async <Answer extends z.ZodType>(
  clients: Clients,
  functionName: string,
  { method, path, query = '', body, answer }: EndpointRequest<Answer>,
): Promise<z.output<Answer>> => {
  const actor = method === 'GET' ? undefined : await findPrincipal(clients);
  const event = buildChangeRequest(method, path, { query, body, actor, correlationId: randomUUID() });
  const payload = await invokeFunction(clients, { functionName, missing, busy }, event);
  const subject = `The answer of ${functionName}`;
  const { statusCode, body: text } = parseAs(httpAnswer, parseJson(payload), subject);
  const json = parseJson(text);
  if (statusCode !== 200) {
    const refusal = problem.safeParse(json).data?.detail;
    throw new RequestRefused(statusCode, refusal ?? `${functionName} answered with status ${statusCode}.`);
  }
  return parseAs(answer, json, subject);
};
