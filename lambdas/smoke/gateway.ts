import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { buildDirectRequest } from '../contract/direct-request.ts';
import { BrokenConnection, reasonOf } from './connection.ts';

/** By this name its calls are told from everybody else's; they belong to no user and no session. */
export const CLIENT_NAME = 'toolwatch-smoke';

export interface SmokeCall {
  gateway: string;
  tool: string;
  args: unknown;
  correlationId: string;
  version: string;
}

const requestOf = ({ tool, args, correlationId, version }: SmokeCall) =>
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

const answered = z.object({ statusCode: z.int(), body: z.string() });
const result = z.object({
  result: z.object({
    isError: z.boolean().default(false),
    content: z.array(z.object({ text: z.string().default('') })).default([]),
  }),
});

/** The JSON-RPC answer in a body: plain, or as the one event of a stream. */
const messageIn = (body: string): unknown => {
  const data = body.startsWith('{')
    ? body
    : body
        .split('\n')
        .find((line) => line.startsWith('data:'))
        ?.slice(5);
  return JSON.parse(data ?? 'null');
};

/** Calls a tool as a client would, and throws a `BrokenArrow` unless it succeeds. */
export const callThroughGateway = async (lambda: LambdaClient, call: SmokeCall): Promise<void> => {
  const command = new InvokeCommand({ FunctionName: call.gateway, Payload: JSON.stringify(requestOf(call)) });
  const { FunctionError, Payload } = await lambda.send(command).catch((error: unknown) => {
    throw new BrokenConnection('client → gateway', reasonOf(error));
  });
  const payload = Buffer.from(Payload ?? []).toString();
  const reply = answered.safeParse(FunctionError ? undefined : JSON.parse(payload));
  if (!reply.success || reply.data.statusCode !== 200)
    throw new BrokenConnection('client → gateway', payload.slice(0, 500));
  const read = result.safeParse(messageIn(reply.data.body));
  if (!read.success) throw new BrokenConnection('client → gateway', reply.data.body.slice(0, 500));
  const { isError, content } = read.data.result;
  if (isError) throw new BrokenConnection('gateway → tool', `${call.tool} answers ${content[0]?.text ?? 'nothing'}`);
};
