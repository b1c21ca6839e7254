import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { CHANGES, type ChangeKey } from '../../contract/changes.ts';
import { ENDPOINTS } from '../../contract/endpoints.ts';
import type { FrontDoorEnv } from '../../contract/env/front-door.ts';
import { splitRequestName, toPathPattern, toRoute } from '../../contract/request-names.ts';
import type { RequestLines } from '../../contract/vocabulary.ts';
import { identityOf } from '../../front-door/identity.ts';
import { traceContextOf } from '../../observe/call/correlation.ts';
import { toMethod } from '../../observe/event/http-exchange.ts';
import { hasRequestLine, recordRequest } from '../../observe/event/request-line.ts';
import type { Failure } from '../../observe/failure/failure.ts';
import { interpretOwnStatus } from '../../observe/failure/own-status.ts';
import { createUuidV7 } from '../../observe/line/uuid.ts';
import type { ApiRouter } from '../routes.ts';

/** The parts of an environment that say which lines are written, and of whom. */
export interface RequestRecording {
  frontDoor: FrontDoorEnv;
  lines: RequestLines;
  /** True when the addresses of clients may be recorded. */
  recordsIp: boolean;
}

/** A request and its answer. */
interface Answered {
  event: APIGatewayProxyEventV2;
  result: APIGatewayProxyStructuredResultV2;
  correlationId: string;
  startedAtMs: number;
  durationMs: number;
}

/** Each endpoint as a pattern, such as `/v1/tools/{name}`, with what matches its paths. */
const PATHS = new Set([
  ...Object.keys(ENDPOINTS),
  ...(Object.keys(CHANGES) as ChangeKey[]).map((name) => splitRequestName(name)[1]),
]);
const ROUTES = [...PATHS].map((path) => ({ route: toRoute(path), pattern: toPathPattern(path) }));
const ANY_ROUTE = '/{any}';

/** The route of a path. Paths that are not ours are one: clients may request any number. */
const routeOf = (path: string): string => ROUTES.find(({ pattern }) => pattern.test(path))?.route ?? ANY_ROUTE;

/** They answer 503 to say that something else is unhealthy: the request itself succeeded. */
const HEALTH_ROUTES = ['/health', '/health/ready'];
const UNHEALTHY = 503;

const failureOf = (status: number, route: string): Failure | undefined => {
  if (status === UNHEALTHY && HEALTH_ROUTES.includes(route)) return undefined;
  const meaning = interpretOwnStatus(status);
  return meaning && { ...meaning, type: `http_${status}`, message: `answered ${status}` };
};

/** Writes the line of a request, where the setting asks for one. It is counted in the store only, and moves no alarm. */
const recordApiRequest = (
  { frontDoor, lines, recordsIp }: RequestRecording,
  { event, result, correlationId, startedAtMs, durationMs }: Answered,
): void => {
  const { method, sourceIp } = event.requestContext.http;
  const route = routeOf(event.rawPath);
  const status = result.statusCode ?? 200;
  const failure = failureOf(status, route);
  if (!hasRequestLine(lines, failure)) return;
  const identity = identityOf(event, frontDoor);
  const userAgent = event.headers?.['user-agent'];
  recordRequest({
    name: `${toMethod(method)} ${route}`,
    call: {
      event_id: createUuidV7(startedAtMs),
      ...traceContextOf(event.headers),
      correlation_id: correlationId,
      ...(userAgent && { user_agent: userAgent }),
      ...('refused' in identity ? {} : identity),
    },
    exchange: { method, route, status, ip: recordsIp ? sourceIp : undefined },
    failure,
    durationMs,
    responseBytes: Buffer.byteLength(result.body ?? ''),
  });
};

/**
 * Answers requests by the router, and writes the line of each. An answer has the headers `x-correlation-id` and
 * `x-request-id`, which are the same id, and `server-timing`.
 */
export const answerAndRecord =
  (api: ApiRouter, recording: RequestRecording) =>
  async (
    event: APIGatewayProxyEventV2,
    context: Context,
    correlationId: string,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    const [startedAtMs, startedAt] = [Date.now(), performance.now()];
    const result = await api.resolve(event, context);
    const durationMs = performance.now() - startedAt;
    recordApiRequest(recording, { event, result, correlationId, startedAtMs, durationMs });
    return {
      ...result,
      headers: {
        ...result.headers,
        'x-correlation-id': correlationId,
        'x-request-id': correlationId,
        'server-timing': `total;dur=${durationMs.toFixed(1)}`,
      },
    };
  };
