import type { ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import type { Principal } from '../iam/policy.ts';
import type { InvokeRequest, Lambda } from '../lambda/lambda.ts';
import { EVENT_STREAM, encodeEvent } from './event-stream.ts';
import { type ApiResponse, jsonResponse, type ServiceApi, type SignedRequest } from './request.ts';

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const STREAMING_INVOCATIONS = /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations$/;
const FUNCTIONS = /^\/2015-03-31\/functions\/?$/;
const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;
const EVENT_INVOKE_CONFIG = /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config$/;

/** Lambda's limits on an event, in bytes. */
const MAX_EVENT_BYTES = 6 * 1_024 * 1_024;
const MAX_ASYNC_EVENT_BYTES = 1_024 * 1_024;

const decodeClientContext = (header: string | undefined): unknown =>
  header === undefined ? undefined : JSON.parse(Buffer.from(header, 'base64').toString('utf8'));

/** What Lambda reports of a failed invocation at the end of its stream. */
const toCompletion = ({ failed, payload }: { failed: boolean; payload: string }): object => {
  if (!failed) return {};
  const { errorType = 'Unhandled' } = JSON.parse(payload) as { errorType?: string };
  return { ErrorCode: errorType, ErrorDetails: payload };
};

/** The invocation that a request to one of the paths for it asks for; undefined for any other request. */
const readInvocation = (
  paths: RegExp,
  { method, url, headers, body }: SignedRequest,
  maxBytes: number,
): Omit<InvokeRequest, 'principal'> | undefined => {
  const [, encodedName] = paths.exec(url.pathname) ?? [];
  if (!encodedName || method !== 'POST') return undefined;
  if (body.length > maxBytes) {
    throw new AwsError('RequestTooLargeException', `${body.length} byte payload is too large`, 413);
  }
  const name = decodeURIComponent(encodedName);
  const qualifier = url.searchParams.get('Qualifier');
  return {
    function: qualifier ? `${name}:${qualifier}` : name,
    event: body.length === 0 ? '{}' : body.toString('utf8'),
    clientContext: decodeClientContext(headers['x-amz-client-context']),
  };
};

/** Answers InvokeWithResponseStream as the function writes; returns false for any other operation. */
export const streamOverApi = async (
  lambda: Lambda,
  request: SignedRequest,
  principal: Principal,
  outgoing: ServerResponse,
): Promise<boolean> => {
  const invocation = readInvocation(STREAMING_INVOCATIONS, request, MAX_EVENT_BYTES);
  if (!invocation) return false;
  const send = (type: string, contentType: string, payload: Buffer) => {
    if (!outgoing.headersSent) outgoing.writeHead(200, { 'content-type': EVENT_STREAM });
    if (!outgoing.destroyed) outgoing.write(encodeEvent(type, contentType, payload));
  };
  const onChunk = (chunk: Buffer) => send('PayloadChunk', 'application/octet-stream', chunk);
  const result = await lambda.invoke({ ...invocation, principal, onChunk });
  send('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(toCompletion(result))));
  outgoing.end();
  return true;
};

/** Answers Invoke, which may wait long; undefined for any other operation. */
export const invokeOverApi = async (
  lambda: Lambda,
  request: SignedRequest,
  principal: Principal,
): Promise<ApiResponse | undefined> => {
  const isAsync = request.headers['x-amz-invocation-type'] === 'Event';
  const invocation = readInvocation(INVOCATIONS, request, isAsync ? MAX_ASYNC_EVENT_BYTES : MAX_EVENT_BYTES);
  if (!invocation) return undefined;
  if (isAsync) {
    lambda.enqueue({ ...invocation, principal });
    return { status: 202 };
  }
  const { payload, failed } = await lambda.invoke({ ...invocation, principal });
  return {
    status: 200,
    headers: { 'x-amz-executed-version': '$LATEST', ...(failed && { 'x-amz-function-error': 'Unhandled' }) },
    body: payload,
  };
};

const describeFunction = ({ name, arn, latest }: ReturnType<Lambda['configurationOf']>) => {
  const { logging, variables } = latest.configuration;
  return {
    FunctionName: name,
    FunctionArn: arn,
    Environment: { Variables: variables },
    LoggingConfig: {
      LogFormat: logging.format,
      ApplicationLogLevel: logging.applicationLevel,
      SystemLogLevel: logging.systemLevel,
      LogGroup: logging.group,
    },
  };
};

const listFunctions = (lambda: Lambda, principal: Principal): ApiResponse =>
  jsonResponse({ Functions: lambda.list(principal).map(describeFunction) });

const getEventInvokeConfig = (lambda: Lambda, principal: Principal, name: string): ApiResponse => {
  const { onFailure, retries } = lambda.eventInvokeConfigOf(principal, name);
  if (!onFailure) throw new AwsError('ResourceNotFoundException', `${name} has no event invoke config`, 404);
  return jsonResponse({ MaximumRetryAttempts: retries, DestinationConfig: { OnFailure: { Destination: onFailure } } });
};

/** GetFunctionConfiguration, GetFunctionEventInvokeConfig, and ListFunctions with everything in one page. */
export const createLambdaApi =
  (lambda: Lambda): ServiceApi =>
  ({ method, url }, principal) => {
    if (method !== 'GET') return undefined;
    if (FUNCTIONS.test(url.pathname)) return listFunctions(lambda, principal);
    const [, configured] = CONFIGURATION.exec(url.pathname) ?? [];
    if (configured)
      return jsonResponse(describeFunction(lambda.configurationOf(principal, decodeURIComponent(configured))));
    const [, name] = EVENT_INVOKE_CONFIG.exec(url.pathname) ?? [];
    return name ? getEventInvokeConfig(lambda, principal, decodeURIComponent(name)) : undefined;
  };
