import {
  type CallToolRequest,
  type CallToolResult,
  type Implementation,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { CallContext } from '../contract/call-context.ts';
import { DEBUG_FLAG_LIMIT, DEBUG_HEADER } from '../contract/client-context.ts';
import type { Identity } from '../front-door/identity.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import type { createToolCaller } from './call.ts';
import { callerOf, traceContextOfCall } from './caller.ts';
import { type CatalogueEntry, toListedTool } from './catalogue.ts';
import { OWN_FAILURE } from './rejections.ts';

/** One HTTP request, and what all of its messages share. */
export interface Exchange {
  headers: Headers;
  /** Verified, unlike what the headers say. */
  identity: Identity;
  correlationId: string;
  awsRequestId: string;
  remainingMs: () => number;
  /** Ids of messages whose line has been written already. */
  recordedIds: Set<unknown>;
  /** What our own code threw while it answered. */
  thrown?: unknown;
}

export interface ServerParts {
  version: string;
  catalogue: readonly CatalogueEntry[];
  call: ReturnType<typeof createToolCaller>;
  /** Writes the line of a call of an unknown tool. */
  recordUnknownTool: (call: CallContext) => void;
}

/** How long a client may cache the list of tools, in milliseconds: the list changes only with a deployment. */
const LIST_TTL_MS = 60_000;
/** Without the requested name: a model reads this. */
const UNKNOWN_TOOL = 'There is no tool of this name. tools/list names those there are.';

/**
 * Runs a handler. Anything but a protocol error that it throws is our failure, whose words the client does not see.
 */
const guard = async <Result>(exchange: Exchange, handle: () => Promise<Result> | Result): Promise<Result> => {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    exchange.thrown ??= error;
    throw new ProtocolError(ProtocolErrorCode.InternalError, OWN_FAILURE);
  }
};

/** An MCP server for one HTTP request: it lists the catalogue and calls the tools in it, and nothing else. */
export const createMcpServer = (
  { version, catalogue, call, recordUnknownTool }: ServerParts,
  exchange: Exchange,
): Server => {
  const server = new Server(
    { name: 'toolwatch', version },
    { capabilities: { tools: {} }, cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'public' } } },
  );
  const callTool = async ({ params }: CallToolRequest, context: ServerContext): Promise<CallToolResult> => {
    const callContext = callContextOf(exchange, context, server.getClientVersion());
    // The function's name is made from the catalogue's entry, never from what the client wrote.
    const tool = catalogue.find(({ name }) => name === params.name);
    if (!tool) {
      recordUnknownTool(callContext);
      exchange.recordedIds.add(context.mcpReq.id);
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, UNKNOWN_TOOL);
    }
    return call({
      tool,
      args: params.arguments ?? {},
      call: callContext,
      messageId: context.mcpReq.id,
      awsRequestId: exchange.awsRequestId,
      remainingMs: exchange.remainingMs(),
    });
  };
  server.setRequestHandler('tools/list', () =>
    guard(exchange, () => ({ tools: catalogue.map((tool) => toListedTool(tool)) })),
  );
  server.setRequestHandler('tools/call', (request, context) => guard(exchange, () => callTool(request, context)));
  return server;
};

/** The tool's function verifies the flag; what cannot be one is not sent to it. */
const debugFlagIn = (headers: Headers): Pick<CallContext, 'debug_flag'> => {
  const flag = headers.get(DEBUG_HEADER);
  return flag !== null && flag.length <= DEBUG_FLAG_LIMIT ? { debug_flag: flag } : {};
};

const callContextOf = (exchange: Exchange, { mcpReq }: ServerContext, client?: Implementation): CallContext => ({
  event_id: createUuidV7(Date.now()),
  ...traceContextOfCall(exchange, mcpReq._meta),
  ...callerOf(exchange.headers, client),
  ...debugFlagIn(exchange.headers),
  ...exchange.identity,
});
