import type { APIGatewayProxyEventV2, EventBridgeEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { CallContext } from '../../contract/call-context.ts';
import { AGENTCORE_KEYS, AGENTCORE_NAME_SEPARATOR } from '../../contract/client-context.ts';
import { parseJson } from '../../contract/parse-json.ts';
import type { Kind } from '../../contract/vocabulary.ts';
import type { Failure } from '../failure/failure.ts';
import { interpretOwnStatus } from '../failure/own-status.ts';
import { traceContextOf } from './correlation.ts';
import { type LambdaContext, readCustomContext } from './incoming.ts';

/** What the event of a Lambda function without `defineTool` says about the call. */
export interface EventDescription {
  kind: Kind;
  name: string;
  /** What the event itself says about the caller and the trace. */
  call: Partial<CallContext>;
  requestBytes?: number;
  /** The number of messages in a batch. */
  records?: number;
  /** True when the handler's answer is an HTTP response. */
  answersHttp?: true;
  /**
   * Everything in the event that callers wrote and that an error message must not repeat. Read only after a failure.
   */
  readArguments(): unknown;
  /** The failure inside an answer that was returned and not thrown. */
  failureIn(answer: unknown): Failure | undefined;
}

const hasKey = <Key extends string>(value: unknown, key: Key): value is Record<Key, unknown> =>
  typeof value === 'object' && value !== null && key in value;

const isHttp = (event: unknown): event is APIGatewayProxyEventV2 =>
  hasKey(event, 'version') &&
  event.version === '2.0' &&
  hasKey(event, 'requestContext') &&
  hasKey(event.requestContext, 'http');

const isSqs = (event: unknown): event is SQSEvent => {
  const records = hasKey(event, 'Records') && Array.isArray(event.Records) ? event.Records : [];
  return hasKey(records[0], 'eventSource') && records[0].eventSource === 'aws:sqs';
};

const isEventBridge = (event: unknown): event is EventBridgeEvent<string, unknown> =>
  hasKey(event, 'detail-type') && hasKey(event, 'source');

const lastPartOf = (arn: string | undefined): string => arn?.split(/[:/]/).at(-1) || 'unknown';

/** A body as text and, when it is JSON, also as its value: an error may quote either. */
const readBodyForms = (body: string | undefined): unknown => {
  const value = parseJson(body ?? '');
  return value === undefined ? body : [body, value];
};

const bytesOfBody = ({ body, isBase64Encoded }: APIGatewayProxyEventV2): number => {
  if (!body) return 0;
  return isBase64Encoded ? Math.floor((body.length * 3) / 4) : Buffer.byteLength(body);
};

const describeHttpEvent = (event: APIGatewayProxyEventV2): EventDescription => ({
  kind: 'http',
  // The route and not the path, because paths contain ids and their number is unlimited.
  name: event.routeKey === '$default' ? `${event.requestContext.http.method} $default` : event.routeKey,
  call: {
    ...traceContextOf(event.headers),
    ...(event.requestContext.http.userAgent && { user_agent: event.requestContext.http.userAgent.slice(0, 256) }),
  },
  requestBytes: bytesOfBody(event),
  answersHttp: true,
  readArguments: () => [
    event.rawPath,
    event.rawQueryString,
    event.queryStringParameters,
    event.pathParameters,
    readBodyForms(event.body),
  ],
  failureIn(answer) {
    const status = hasKey(answer, 'statusCode') ? Number(answer.statusCode) : 200;
    const meaning = interpretOwnStatus(status);
    return meaning && { ...meaning, type: `http_${status}`, message: `answered ${status}` };
  },
});

const describeSqsEvent = (event: SQSEvent): EventDescription => ({
  kind: 'job',
  name: lastPartOf(event.Records[0]?.eventSourceARN),
  call: {},
  requestBytes: event.Records.reduce((sum, record) => sum + Buffer.byteLength(record.body), 0),
  records: event.Records.length,
  readArguments: () => event.Records.map((record) => readBodyForms(record.body)),
  failureIn(answer) {
    const failed = (answer as SQSBatchResponse | undefined)?.batchItemFailures?.length ?? 0;
    if (failed === 0) return undefined;
    const message = `${failed} of ${event.Records.length} messages failed`;
    return { code: 'INTERNAL_ERROR', fault: 'ours', type: 'batch_item_failures', message, retryable: true };
  },
});

const describeEventBridgeEvent = (event: EventBridgeEvent<string, unknown>): EventDescription => ({
  kind: 'job',
  name: event['detail-type'] === 'Scheduled Event' ? lastPartOf(event.resources[0]) : event['detail-type'],
  call: {},
  readArguments: () => event.detail,
  failureIn: () => undefined,
});

const findErrorResult = (answer: unknown): Failure | undefined =>
  hasKey(answer, 'isError') && answer.isError === true
    ? {
        code: 'INTERNAL_ERROR',
        fault: 'ours',
        type: 'tool_error',
        message: 'The tool returned isError',
        retryable: false,
      }
    : undefined;

const describeByShape = (event: unknown, context: LambdaContext): EventDescription => {
  const toolName = readCustomContext(context)[AGENTCORE_KEYS.toolName];
  if (typeof toolName === 'string') {
    const name = toolName.split(AGENTCORE_NAME_SEPARATOR).at(-1) || toolName;
    return { kind: 'tool', name, call: {}, readArguments: () => event, failureIn: findErrorResult };
  }
  if (isHttp(event)) return describeHttpEvent(event);
  if (isSqs(event)) return describeSqsEvent(event);
  if (isEventBridge(event)) return describeEventBridgeEvent(event);
  return {
    kind: 'job',
    name: context.functionName ?? 'unknown',
    call: {},
    readArguments: () => event,
    failureIn: () => undefined,
  };
};

/**
 * Distinguishes events of API Gateway v2 (and function URLs), SQS, EventBridge and AgentCore by their shape; any other
 * event is a job named after the function. When `tool` is given, every event is a call of that tool, and an answer with
 * `isError` is a failure for all of them.
 */
export const describeEvent = (event: unknown, context: LambdaContext, tool?: string): EventDescription => {
  const description = describeByShape(event, context);
  if (tool === undefined) return description;
  const failureIn = (answer: unknown) => description.failureIn(answer) ?? findErrorResult(answer);
  return { ...description, kind: 'tool', name: tool, failureIn };
};
