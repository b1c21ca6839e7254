import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import { eventOf, readBody, sendResult } from '../http-api/payload-v2.ts';
import type { Place } from '../place.ts';
import type { Lambda } from './lambda.ts';
import type { FunctionUrl } from './resources.ts';
import { StreamedResponse } from './streamed-response.ts';

/** Lambda's limit on a request, in bytes. */
const MAX_REQUEST_BYTES = 6 * 1_024 * 1_024;

/** Answers requests to a Function URL by invoking the function. */
export const serveFunctionUrl =
  ({ account }: Place, lambda: Lambda, url: string, { functionArn, isPublic, isStreamed }: FunctionUrl) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, MAX_REQUEST_BYTES);
    if (!body) {
      response.writeHead(413, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ Message: 'Request Too Long' }));
      return;
    }
    const domainName = new URL(url).hostname;
    const [apiId = ''] = domainName.split('.');
    const event = eventOf({ request, body, account, apiId, domainName, now: Date.now() });
    try {
      const stream = isStreamed ? new StreamedResponse(response) : undefined;
      const { payload, failed } = await lambda.invokeByUrl(functionArn, JSON.stringify(event), isPublic, stream?.take);
      if (stream?.hasBegun) stream.end(failed);
      else if (!failed) sendResult(response, stream ? stream.unread() : payload);
      else response.writeHead(502, { 'content-type': 'text/plain' }).end('Internal Server Error');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      response.writeHead(error.status, { 'content-type': 'application/json', 'x-amzn-errortype': error.code });
      response.end(JSON.stringify({ Message: error.message }));
    }
  };
