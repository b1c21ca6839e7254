import { text } from 'node:stream/consumers';
import { CLIENT_CONTEXT_LIMIT } from '../../lambdas/contract/call-context.ts';
import { listen } from './http-server.ts';

/** A function that ended without an answer, as Lambda reports it. */
export interface Killed {
  killed: { errorType: string; errorMessage: string };
}
/** A function that Lambda did not run, as Lambda's error says it. */
export interface Refused {
  refused: { status: number; type: string };
}

interface InvokeRequest {
  functionName: string;
  event: unknown;
  clientContext: { custom: Record<string, string> };
}
export type LocalFunction = (
  event: unknown,
  context: { clientContext: InvokeRequest['clientContext'] },
) => Promise<unknown> | Killed | Refused;

const refuse = (status: number, type: string) => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { Type: 'User', message: type },
});

const isKilled = (value: unknown): value is Killed => typeof value === 'object' && value !== null && 'killed' in value;
const isRefused = (value: unknown): value is Refused =>
  typeof value === 'object' && value !== null && 'refused' in value;

/**
 * Serves Lambda's Invoke over real HTTP, for the AWS SDK: it runs `functions` by name. `invoked` are the requests, in
 * order.
 */
export const serveLambda = async (functions: Record<string, LocalFunction>) => {
  const invoked: InvokeRequest[] = [];

  const invoke = async (functionName: string, encodedContext: string, payload: string) => {
    if (encodedContext.length > CLIENT_CONTEXT_LIMIT) return refuse(400, 'InvalidRequestContentException');
    const run = functions[functionName];
    if (!run) return refuse(404, 'ResourceNotFoundException');
    const clientContext = JSON.parse(Buffer.from(encodedContext, 'base64').toString() || '{}');
    const event: unknown = JSON.parse(payload);
    invoked.push({ functionName, event, clientContext });
    const answer = await run(event, { clientContext });
    if (isRefused(answer)) return refuse(answer.refused.status, answer.refused.type);
    if (isKilled(answer)) return { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: answer.killed };
    return { status: 200, headers: {}, body: answer };
  };

  const { url, close } = await listen(async (request, response) => {
    const name = /\/functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1] ?? '';
    const context = String(request.headers['x-amz-client-context'] ?? '');
    const { status, headers, body } = await invoke(decodeURIComponent(name), context, await text(request));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  return { url, close, invoked, functions };
};
