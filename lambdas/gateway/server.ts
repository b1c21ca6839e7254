import {
  type CallToolRequest,
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { CallContext } from '../contract/call-context.ts';
import { SESSION_HANDLE_KEY } from '../contract/client-context.ts';
import type { Progress } from '../contract/progress.ts';
import { type CatalogueEntry, toListedTool } from '../invoke/catalogue.ts';
import type { createToolCaller } from './call.ts';
import { createCallContext, type Exchange } from './exchange.ts';
import { OWN_FAILURE } from './rejections.ts';

export interface ServerParts {
  version: string;
  catalogue: readonly CatalogueEntry[];
  call: ReturnType<typeof createToolCaller>;
  /** Writes the line of a call of an unknown tool. */
  recordUnknownTool: (call: CallContext) => void;
}

/** Sends progress to the client. When the client has gone, its call goes on all the same. */
const progressSender = ({ mcpReq }: ServerContext) => {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (progress: Progress): Promise<void> =>
    mcpReq.notify({ method: 'notifications/progress', params: { ...progress, progressToken } }).catch(() => {});
};

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
    const { id, _meta } = context.mcpReq;
    const callContext = createCallContext(exchange, Date.now(), _meta, server.getClientVersion());
    const { handle } = exchange.session;
    exchange.hasToolLine = true;
    // The function's name is made from the catalogue's entry, never from what the client wrote.
    const tool = catalogue.find(({ name }) => name === params.name);
    if (!tool) {
      recordUnknownTool(callContext);
      exchange.recordedIds.add(id);
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, UNKNOWN_TOOL);
    }
    const result = await call({
      tool,
      args: withoutHandle(params.arguments ?? {}, handle),
      call: callContext,
      messageId: id,
      awsRequestId: exchange.awsRequestId,
      remainingMs: exchange.remainingMs(),
      onProgress: exchange.isStreamed ? progressSender(context) : undefined,
    });
    return withHandle(result, handle);
  };
  server.setRequestHandler('tools/list', () =>
    guard(exchange, () => ({ tools: catalogue.map((tool) => toListedTool(tool)) })),
  );
  server.setRequestHandler('tools/call', (request, context) => guard(exchange, () => callTool(request, context)));
  return server;
};

/** The result with the handle that the client is to send back. */
const withHandle = (result: CallToolResult, handle: string | undefined): CallToolResult =>
  handle === undefined ? result : { ...result, _meta: { ...result._meta, [SESSION_HANDLE_KEY]: handle } };

/** Clients that repeat a result's `_meta` may put the handle among the arguments, which the tool does not expect. */
const withoutHandle = (args: Record<string, unknown>, handle: string | undefined): Record<string, unknown> => {
  if (handle === undefined || !Object.hasOwn(args, SESSION_HANDLE_KEY)) return args;
  const { [SESSION_HANDLE_KEY]: _, ...rest } = args;
  return rest;
};
