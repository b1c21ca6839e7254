import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { buildDirectRequest } from '../contract/direct-request.ts';
import { readErrorReport } from '../contract/error-report.ts';
import { parseJson } from '../contract/parse-json.ts';
import { BrokenConnection, reasonOf } from './connection.ts';
import { sendUntilSettled } from './poll.ts';

/** This client name distinguishes smoke calls from all others; they belong to no user and no session. */
const CLIENT_NAME = 'toolwatch-smoke';
/** How much of an unexpected answer an error quotes, in characters. */
const QUOTE_LIMIT = 500;

export interface SmokeCall {
  gateway: string;
  tool: string;
  args: unknown;
  correlationId: string;
  version: string;
  /** How long to wait, in milliseconds, until the right to call is known everywhere. */
  timeoutMs: number;
}

const toRequest = ({ tool, args, correlationId, version }: SmokeCall) =>
  buildDirectRequest({
    method: 'POST',
    path: '/mcp',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'user-agent': `${CLIENT_NAME}/${version}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args } }),
    correlationId,
  });

const httpReply = z.object({ statusCode: z.int(), body: z.string() });
const rpcReply = z.object({
  result: z.object({
    isError: z.boolean().default(false),
    content: z.array(z.object({ text: z.string().default('') })).default([]),
  }),
});

/** The JSON-RPC message in a body, which is a JSON document or a stream of one event. */
const messageIn = (body: string): unknown => {
  if (body.startsWith('{')) return parseJson(body);
  const event = body.split('\n').find((line) => line.startsWith('data:'));
  return parseJson(event?.slice('data:'.length) ?? '');
};

/** Calls a tool as a client would. Throws a `BrokenConnection` unless the call succeeds. */
export const callThroughGateway = async (lambda: LambdaClient, call: SmokeCall): Promise<void> => {
  const command = new InvokeCommand({ FunctionName: call.gateway, Payload: JSON.stringify(toRequest(call)) });
  const { FunctionError, Payload } = await sendUntilSettled(() => lambda.send(command), call.timeoutMs).catch(
    (error: unknown) => {
      throw new BrokenConnection('client → gateway', reasonOf(error));
    },
  );
  const payload = Buffer.from(Payload ?? []).toString();
  if (FunctionError) {
    throw new BrokenConnection('client → gateway', `the gateway failed (${readErrorReport(payload).errorType})`);
  }
  const reply = httpReply.safeParse(parseJson(payload));
  if (!reply.success || reply.data.statusCode !== 200) {
    throw new BrokenConnection('client → gateway', payload.slice(0, QUOTE_LIMIT));
  }
  const message = rpcReply.safeParse(messageIn(reply.data.body));
  if (!message.success) throw new BrokenConnection('client → gateway', reply.data.body.slice(0, QUOTE_LIMIT));
  const { isError, content } = message.data.result;
  if (isError) throw new BrokenConnection('gateway → tool', `${call.tool} answers ${content[0]?.text ?? 'nothing'}`);
};
