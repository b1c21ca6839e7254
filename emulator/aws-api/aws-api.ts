import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AwsError } from '../aws-error.ts';
import type { Alarms } from '../cloudwatch/alarms.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import { type Iam, OPERATOR_KEYS } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Logs } from '../logs/logs.ts';
import type { S3 } from '../s3.ts';
import type { Sns } from '../sns/sns.ts';
import { cloudwatchReads } from './cloudwatch-reads.ts';
import { type Answer, escaped, lambdaReads, logsReads, type Read, type Service, s3Reads, xml } from './reads.ts';
import { sha256, signatureHolds } from './sigv4.ts';
import { snsReads } from './sns-reads.ts';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's limit on an event, in bytes. */
const LARGEST_EVENT = 6 * 1_024 * 1_024;
const LARGEST_ASYNC_EVENT = 1_024 * 1_024;

interface Caller {
  principal: Principal;
  /** As the signature names it: `lambda`, `s3`, … */
  service: string;
}

const requestFrom = async (incoming: IncomingMessage): Promise<Read> => ({
  method: incoming.method ?? 'GET',
  url: new URL(incoming.url ?? '/', 'http://aws'),
  headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
  body: await buffer(incoming),
});

const roleHolding = (iam: Iam, key: string) => {
  const holder = iam.holderOf(key);
  return holder && { principal: { role: holder.role }, credentials: holder.credentials };
};

/** Who signed the request. Throws `AwsError` when nobody we know did. */
const callerOf = (iam: Iam, { method, url, headers, body }: Read): Caller => {
  const [, key = '', scope = '', names = '', signature = ''] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const holder =
    key === OPERATOR_KEYS.accessKeyId
      ? { principal: { person: 'operator' }, credentials: OPERATOR_KEYS }
      : roleHolding(iam, key);
  if (!holder) throw new AwsError('UnrecognizedClientException', 'The security token is not valid', 403);
  const service = scope.split('/')[2] ?? '';
  const signed = {
    method,
    // Every service but S3 encodes the path once more.
    path: service === 's3' ? url.pathname : url.pathname.split('/').map(encodeURIComponent).join('/'),
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
  return { principal: holder.principal, service };
};

const clientContextOf = (header: string | undefined): unknown =>
  header === undefined ? undefined : JSON.parse(Buffer.from(header, 'base64').toString('utf8'));

const invoke = async (
  lambda: Lambda,
  { principal }: Caller,
  name: string,
  { url, headers, body }: Read,
): Promise<Answer> => {
  const qualifier = url.searchParams.get('Qualifier');
  const what = {
    principal,
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
  logs: () => Logs;
  s3: S3;
  alarms: () => Alarms;
  metrics: Metrics;
  /** Hears of calls the local run cannot answer. */
  onUnknown: (what: string) => void;
}

/**
 * What functions reach at `AWS_ENDPOINT_URL`, and people with the AWS CLI: each call is its role's, or the operator's, proved
 * by its signature, and checked against the policies.
 */
export const startAwsApi = async ({ iam, lambda, sns, logs, s3, alarms, metrics, onUnknown }: AwsApiOptions) => {
  /** By the service's name in a signature. */
  const services: Record<string, Service> = {
    lambda: (request, principal) => lambdaReads(lambda())(request, principal),
    logs: (request, principal) => logsReads(logs())(request, principal),
    s3: s3Reads(s3),
    monitoring: cloudwatchReads(iam, metrics, alarms),
    sns: (request, principal) => snsReads(sns())(request, principal),
  };
  const route = async (request: Read): Promise<Answer> => {
    if (request.url.searchParams.get('Action') === 'ConfirmSubscription') {
      sns().confirm(request.url.searchParams.get('Token') ?? '');
      return { status: 200, body: '<ConfirmSubscriptionResponse/>' };
    }
    const caller = callerOf(iam, request);
    const [, name] = INVOCATIONS.exec(request.url.pathname) ?? [];
    if (name && request.method === 'POST') return invoke(lambda(), caller, name, request);
    const answer = services[caller.service]?.(request, caller.principal);
    if (answer) return answer;
    const what = `${Object.values(caller.principal)[0]} called ${caller.service}: ${request.method} ${request.url.pathname}`;
    onUnknown(what);
    throw new AwsError('UnknownOperationException', `The local run does not answer this: ${what}`, 404);
  };

  const answerTo = async (incoming: IncomingMessage): Promise<Answer> => {
    try {
      return await route(await requestFrom(incoming));
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('ServiceException', String(error), 500);
      // The query protocol, of SNS and RDS, knows no JSON.
      if (incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
        const { status, code, message } = known;
        return {
          ...xml(
            `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`,
          ),
          status,
        };
      }
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
