import type { APIGatewayProxyEventV2, EventBridgeEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { CallContext } from '../../contract/call-context.ts';
import { AGENTCORE_KEYS, AGENTCORE_NAME_SEPARATOR } from '../../contract/client-context.ts';
import type { Kind } from '../../contract/vocabulary.ts';
import type { Failure } from '../failure/failure.ts';
import { interpretOwnStatus } from '../failure/own-status.ts';
import { traceContextOf } from './correlation.ts';
import { type LambdaContext, readCustomContext } from './incoming.ts';

/** What an event of a Lambda that is no `defineTool` says about its call. */
export interface DescribedEvent {
  kind: Kind;
  name: string;
  /** What the event itself says about who calls and in which thread. */
  call: Partial<CallContext>;
  requestBytes?: number;
  /** How many pieces of work it brings, when several. */
  records?: number;
  /** Whether the answer is one of HTTP. */
  answersHttp?: true;
  /** What strangers put in, which an error must not carry out. Asked for only when the call failed. */
  args(): unknown;
  /** Finds the failure in an answer that was returned and not thrown. */
  failureIn(answer: unknown): Failure | undefined;
}

const has = <Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> =>
  typeof value === 'object' && value !== null && key in value;

const isHttp = (event: unknown): event is APIGatewayProxyEventV2 =>
  has(event, 'version') && event.version === '2.0' && has(event, 'requestContext') && has(event.requestContext, 'http');

const isSqs = (event: unknown): event is SQSEvent => {
  const records = has(event, 'Records') && Array.isArray(event.Records) ? event.Records : [];
  return has(records[0], 'eventSource') && records[0].eventSource === 'aws:sqs';
};

const isEventBridge = (event: unknown): event is EventBridgeEvent<string, unknown> =>
  has(event, 'detail-type') && has(event, 'source');

const lastPart = (arn: string | undefined): string => arn?.split(/[:/]/).at(-1) || 'unknown';

/** A text with what is in it, when it is JSON: an error may quote either. */
const opened = (body: string | undefined): unknown => {
  try {
    return [body, JSON.parse(body ?? '')];
  } catch {
    return body;
  }
};

const ofHttp = (event: APIGatewayProxyEventV2): DescribedEvent => ({
  kind: 'http',
  // The route, not the path: a path names what was asked for, and there is no end of them.
  name: event.routeKey === '$default' ? `${event.requestContext.http.method} $default` : event.routeKey,
  call: {
    ...traceContextOf(event.headers),
    ...(event.requestContext.http.userAgent && { user_agent: event.requestContext.http.userAgent.slice(0, 256) }),
  },
  requestBytes: event.body
    ? event.isBase64Encoded
      ? Math.floor((event.body.length * 3) / 4)
      : Buffer.byteLength(event.body)
    : 0,
  answersHttp: true,
  args: () => [
    event.rawPath,
    event.rawQueryString,
    event.queryStringParameters,
    event.pathParameters,
    opened(event.body),
  ],
  failureIn(answer) {
    const status = has(answer, 'statusCode') ? Number(answer.statusCode) : 200;
    const meaning = interpretOwnStatus(status);
    return meaning && { ...meaning, type: `http_${status}`, message: `answered ${status}` };
  },
});

const ofSqs = (event: SQSEvent): DescribedEvent => ({
  kind: 'job',
  name: lastPart(event.Records[0]?.eventSourceARN),
  call: {},
  requestBytes: event.Records.reduce((sum, record) => sum + Buffer.byteLength(record.body), 0),
  records: event.Records.length,
  args: () => event.Records.map((record) => opened(record.body)),
  failureIn(answer) {
    const failed = (answer as SQSBatchResponse | undefined)?.batchItemFailures?.length ?? 0;
    if (failed === 0) return undefined;
    const message = `${failed} of ${event.Records.length} messages failed`;
    return { code: 'INTERNAL_ERROR', fault: 'ours', type: 'batch_item_failures', message, retryable: true };
  },
});

const ofEventBridge = (event: EventBridgeEvent<string, unknown>): DescribedEvent => ({
  kind: 'job',
  name: event['detail-type'] === 'Scheduled Event' ? lastPart(event.resources[0]) : event['detail-type'],
  call: {},
  args: () => event.detail,
  failureIn: () => undefined,
});

const saysIsError = (answer: unknown): Failure | undefined =>
  has(answer, 'isError') && answer.isError === true
    ? {
        code: 'INTERNAL_ERROR',
        fault: 'ours',
        type: 'tool_error',
        message: 'The tool says isError',
        retryable: false,
      }
    : undefined;

const ofShape = (event: unknown, context: LambdaContext): DescribedEvent => {
  const toolName = readCustomContext(context)[AGENTCORE_KEYS.toolName];
  if (typeof toolName === 'string') {
    const name = toolName.split(AGENTCORE_NAME_SEPARATOR).at(-1) || toolName;
    return { kind: 'tool', name, call: {}, args: () => event, failureIn: saysIsError };
  }
  if (isHttp(event)) return ofHttp(event);
  if (isSqs(event)) return ofSqs(event);
  if (isEventBridge(event)) return ofEventBridge(event);
  return {
    kind: 'job',
    name: context.functionName ?? 'unknown',
    call: {},
    args: () => event,
    failureIn: () => undefined,
  };
};

/**
 * Tells API Gateway v2 (and function URLs), SQS batches, EventBridge and AgentCore apart; anything else is a job of its
 * function. Whatever it is, it is a call of `tool` when that is given, and its answer may say `isError` too.
 */
export const describeEvent = (event: unknown, context: LambdaContext, tool?: string): DescribedEvent => {
  const described = ofShape(event, context);
  if (tool === undefined) return described;
  const failureIn = (answer: unknown) => described.failureIn(answer) ?? saysIsError(answer);
  return { ...described, kind: 'tool', name: tool, failureIn };
};
