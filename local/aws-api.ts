import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AwsError } from './aws-error.ts';
import type { Iam } from './iam.ts';
import type { Lambda } from './lambda.ts';
import { sha256, signatureHolds } from './sigv4.ts';
import type { Sns } from './sns.ts';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's limit on an event, in bytes. */
const LARGEST_EVENT = 6 * 1_024 * 1_024;
const LARGEST_ASYNC_EVENT = 1_024 * 1_024;

interface Request {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Buffer;
}

interface Caller {
  role: string;
  /** As the signature names it: `lambda`, `s3`, … */
  service: string;
}

const requestFrom = async (incoming: IncomingMessage): Promise<Request> => ({
  method: incoming.method ?? 'GET',
  url: new URL(incoming.url ?? '/', 'http://aws'),
  headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
  body: await buffer(incoming),
});

/** Who signed the request. Throws `AwsError` when nobody we know did. */
const callerOf = (iam: Iam, { method, url, headers, body }: Request): Caller => {
  const [, key = '', scope = '', names = '', signature = ''] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const holder = iam.holderOf(key);
  if (!holder) throw new AwsError('UnrecognizedClientException', 'The security token is not valid', 403);
  const signed = {
    method,
    path: url.pathname.split('/').map(encodeURIComponent).join('/'),
    query: url.searchParams,
    headers,
    signedHeaders: names.split(';'),
    payloadHash: headers['x-amz-content-sha256'] ?? sha256(body),
    timestamp: headers['x-amz-date'] ?? '',
    scope,
  };
  if (!signatureHolds(holder.credentials.secretAccessKey, signed, signature)) {
    throw new AwsError('InvalidSignatureException', 'The signature does not match the request', 403);
  }
  return { role: holder.role, service: scope.split('/')[2] ?? '' };
};

const clientContextOf = (header: string | undefined): unknown =>
  header === undefined ? undefined : JSON.parse(Buffer.from(header, 'base64').toString('utf8'));

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

const invoke = async (
  lambda: Lambda,
  { role }: Caller,
  name: string,
  { url, headers, body }: Request,
): Promise<Answer> => {
  const qualifier = url.searchParams.get('Qualifier');
  const what = {
    principal: { role },
    function: qualifier ? `${decodeURIComponent(name)}:${qualifier}` : decodeURIComponent(name),
    event: body.length === 0 ? '{}' : body.toString('utf8'),
    clientContext: clientContextOf(headers['x-amz-client-context']),
  };
  const isAsync = headers['x-amz-invocation-type'] === 'Event';
  const limit = isAsync ? LARGEST_ASYNC_EVENT : LARGEST_EVENT;
  if (body.length > limit)
    throw new AwsError('RequestTooLargeException', `${body.length} byte payload is too large`, 413);
  if (isAsync) {
    lambda.enqueue(what);
    return { status: 202 };
  }
  const { payload, failed } = await lambda.invoke(what);
  return {
    status: 200,
    headers: { 'x-amz-executed-version': '$LATEST', ...(failed && { 'x-amz-function-error': 'Unhandled' }) },
    body: payload,
  };
};

interface AwsApiOptions {
  iam: Iam;
  lambda: () => Lambda;
  sns: () => Sns;
  /** Hears of calls the local run cannot answer. */
  onUnknown: (what: string) => void;
}

/** What functions reach at `AWS_ENDPOINT_URL`: each call is its role's, proved by its signature, and checked against its policy. */
export const startAwsApi = async ({ iam, lambda, sns, onUnknown }: AwsApiOptions) => {
  const route = async (request: Request): Promise<Answer> => {
    if (request.url.searchParams.get('Action') === 'ConfirmSubscription') {
      sns().confirm(request.url.searchParams.get('Token') ?? '');
      return { status: 200, body: '<ConfirmSubscriptionResponse/>' };
    }
    const caller = callerOf(iam, request);
    const [, name] = INVOCATIONS.exec(request.url.pathname) ?? [];
    if (name && request.method === 'POST') return invoke(lambda(), caller, name, request);
    const what = `${caller.role} called ${caller.service}: ${request.method} ${request.url.pathname}`;
    onUnknown(what);
    throw new AwsError('UnknownOperationException', `The local run does not answer this: ${what}`, 404);
  };

  const answerTo = async (incoming: IncomingMessage): Promise<Answer> => {
    try {
      return await route(await requestFrom(incoming));
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('ServiceException', String(error), 500);
      return {
        status: known.status,
        headers: { 'x-amzn-errortype': known.code },
        body: JSON.stringify({ Type: 'User', Message: known.message, message: known.message }),
      };
    }
  };

  const server = createServer(async (incoming: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = await answerTo(incoming);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  // Signing clients keep connections; a function that waits long for another must not lose its own.
  server.requestTimeout = 0;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(0, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};
