import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';

/** The longest that a token issuer's document is waited for. */
const GET_TIMEOUT_MS = 1_500;
/** The longest that a webhook is waited for. */
const POST_TIMEOUT_MS = 15_000;

interface HttpsRequest {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
}

/**
 * Sends requests over HTTPS, and resolves with the response once its headers are there. Servers on `localhost` are
 * verified with `localAuthority` (PEM), all others with public authorities. Rejects without an answer in time.
 */
const createSender = (localAuthority: string) => {
  const localAgent = new Agent({ ca: localAuthority });
  return ({ method, url, headers = {}, body, timeoutMs }: HttpsRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const isLocal = new URL(url).hostname === 'localhost';
      const sent = request(url, { method, headers, timeout: timeoutMs, ...(isLocal && { agent: localAgent }) });
      sent.on('response', resolve);
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      sent.on('error', reject);
      sent.end(body);
    });
};

const readResponse = (response: IncomingMessage): Promise<Response> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 })));
  });

/** Gets a document. */
export const createHttpsGet = (localAuthority: string) => {
  const send = createSender(localAuthority);
  return async (url: string): Promise<Response> =>
    readResponse(await send({ method: 'GET', url, timeoutMs: GET_TIMEOUT_MS }));
};

/** Posts to a webhook, and resolves with the status of its answer. */
export const createHttpsPost = (localAuthority: string) => {
  const send = createSender(localAuthority);
  return async (url: string, headers: Record<string, string>, body: string): Promise<number> => {
    const response = await send({ method: 'POST', url, headers, body, timeoutMs: POST_TIMEOUT_MS });
    response.resume();
    return response.statusCode ?? 0;
  };
};
