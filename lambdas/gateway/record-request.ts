import type { CallContext } from '../contract/call-context.ts';
import type { RequestLines } from '../contract/vocabulary.ts';
import type { AnsweredExchange } from '../observe/event/http-exchange.ts';
import { hasRequestLine, recordRequest } from '../observe/event/request-line.ts';
import type { Failure } from '../observe/failure/failure.ts';
import { readStackFrames } from '../observe/privacy/privacy.ts';
import { createCallContext, type Exchange } from './exchange.ts';
import type { Answer } from './reject-early.ts';
import type { Rejection } from './rejections.ts';

/** The name under which requests are recorded: a rejection may come before any tool is named. */
const ENDPOINT = 'mcp';

/** A request of the gateway, or a message in it, that no tool's line stands for. */
export interface GatewayRequest {
  call: CallContext;
  exchange: AnsweredExchange;
  durationMs: number;
  requestBytes: number;
  responseBytes: number;
  rejection?: Rejection | undefined;
  /** What our own code threw, if it did. */
  thrown?: unknown;
}

const failureOf = ({ status, rpcCode, message, fault }: Rejection): Failure => {
  const type = rpcCode === undefined ? `http_${status}` : `http_${status}_rpc_${rpcCode}`;
  if (fault === 'ours') return { code: 'INTERNAL_ERROR', fault, type, message, retryable: false };
  const code = status === 401 || status === 403 ? 'UNAUTHORIZED' : 'INVALID_INPUT';
  return { code, fault, type, message, retryable: false };
};

/** The innermost frames of what our own code threw, without its message. */
const framesOf = (failure: Failure, thrown: unknown): Record<string, unknown> | undefined => {
  if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') return undefined;
  return { stack: readStackFrames({ ...failure, message: thrown.message, stack: thrown.stack }, undefined, new Set()) };
};

/**
 * Writes the line of a request, where the setting asks for one. Only failures are counted in CloudWatch too, as before
 * there were lines of successes: those cost nothing beyond their line, and move no alarm.
 */
export const recordGatewayRequest =
  (lines: RequestLines) =>
  ({ rejection, thrown, ...request }: GatewayRequest): void => {
    const failure = rejection && failureOf(rejection);
    if (!hasRequestLine(lines, failure)) return;
    recordRequest({
      ...request,
      name: ENDPOINT,
      failure,
      ...(failure && { toolDimension: `http/${ENDPOINT}`, metadata: framesOf(failure, thrown) }),
    });
  };

/** What was measured of a request, whatever became of it. */
type MeasuredRequest = Pick<GatewayRequest, 'durationMs' | 'requestBytes' | 'responseBytes'> &
  Omit<AnsweredExchange, 'status'>;

/** Records each rejection in an answer, else the request itself, unless a tool's line stands for it. */
export const recordAnswer = (
  record: (request: GatewayRequest) => void,
  exchange: Exchange,
  { response, rejections }: Answer,
  { method, route, ip, ...measured }: MeasuredRequest,
): void => {
  const recordOne = (rejection?: Rejection) =>
    record({
      ...measured,
      call: createCallContext(exchange, exchange.startedAtMs),
      exchange: { method, route, ip, status: rejection?.status ?? response.status },
      rejection,
      thrown: exchange.thrown,
    });
  for (const rejection of rejections) recordOne(rejection);
  if (rejections.length === 0 && !exchange.hasToolLine) recordOne();
};
