import type { Writable } from 'node:stream';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { DIRECT } from '../contract/direct-request.ts';
import type { createGateway } from './gateway.ts';
import type { AnswerSink } from './stream.ts';

type Gateway = ReturnType<typeof createGateway>;
/** What Lambda's runtime for Node gives the code that it loads; elsewhere a package may have put something else there. */
type Runtime = typeof awslambda;

/** True of an event that somebody sent the function directly, who reads its result as that of any other function. */
const isDirect = ({ requestContext }: APIGatewayProxyEventV2): boolean =>
  requestContext.apiId === undefined || requestContext.apiId === DIRECT;

const endOf = (stream: Writable): Promise<void> => new Promise((resolve) => stream.end(resolve));

const openSink = (runtime: Runtime, stream: Writable) => {
  let http: Writable | undefined;
  const sink: AnswerSink = {
    get hasBegun() {
      return http !== undefined;
    },
    begin: (statusCode, headers) => {
      http = runtime.HttpResponseStream.from(stream, { statusCode, headers });
    },
    write: (bytes) =>
      new Promise<void>((resolve) => {
        if (!http || http.write(bytes)) resolve();
        else http.once('drain', resolve);
      }),
  };
  return { sink, end: () => endOf(http ?? stream) };
};

const sendResult = async (
  runtime: Runtime,
  stream: Writable,
  { statusCode, headers = {}, body = '' }: APIGatewayProxyStructuredResultV2,
): Promise<void> => {
  const http = runtime.HttpResponseStream.from(stream, { statusCode, headers });
  // Status and headers go out with the first write, also when there is no body.
  http.write(body);
  await endOf(http);
};

/** A handler that streams the gateway's answers through a Function URL, and answers direct invocations as before. */
export const streamAnswers = (findGateway: () => Gateway) => {
  const runtime = (globalThis as { awslambda?: Runtime }).awslambda;
  if (typeof runtime?.streamifyResponse !== 'function') return undefined;
  return runtime.streamifyResponse(
    async (event: APIGatewayProxyEventV2, stream: Writable, context: Context): Promise<void> => {
      const gateway = findGateway();
      if (isDirect(event)) {
        stream.write(JSON.stringify(await gateway(event, context)));
        return endOf(stream);
      }
      const { sink, end } = openSink(runtime, stream);
      const result = await gateway(event, context, sink);
      return sink.hasBegun ? end() : sendResult(runtime, stream, result);
    },
  );
};
