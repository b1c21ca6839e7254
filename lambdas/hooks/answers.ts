import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { PROBLEM_TYPE, problemOf } from '../contract/problem.ts';

/** Why a request of a sender becomes no job. */
export type Refusal = 'method' | 'size' | 'content_type' | 'signature' | 'stale' | 'body';

export type HookAnswer = APIGatewayProxyStructuredResultV2 & { readonly statusCode: number };

/** When a sender may send again what could not be taken, in seconds. */
const RETRY_AFTER_SECONDS = 30;

const answerJson = (statusCode: number, body: object): HookAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const answerProblem = (status: number, detail: string, headers: Record<string, string> = {}): HookAnswer => ({
  statusCode: status,
  headers: { 'content-type': PROBLEM_TYPE, ...headers },
  body: JSON.stringify(problemOf(status, detail)),
});

/** Only once the queue has the job: then it will be worked off. */
export const answerAccepted = (jobId: string): HookAnswer => answerJson(202, { job_id: jobId });

export const answerPing = (): HookAnswer => answerJson(200, {});

/** The same for every path that is none, so that nobody learns the names of sources by it. */
export const answerUnknown = (): HookAnswer => answerProblem(404, 'There is nothing at this address.');

export const answerLater = (): HookAnswer =>
  answerProblem(503, 'This cannot be taken now. Send it again later.', { 'retry-after': String(RETRY_AFTER_SECONDS) });

/** Says of a signature only that it is not right, and nothing of what would be. */
export const answerUnsigned = (): HookAnswer =>
  answerProblem(401, 'The request is not signed as this source signs. Check the secret on both sides.');
