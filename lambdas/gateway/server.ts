import {
  type Implementation,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { CallContext } from '../contract/call-context.ts';
import type { Identity } from '../front-door/identity.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import type { callTool } from './call.ts';
import { callerOf, traceContextOfCall } from './caller.ts';
import { type CatalogueEntry, listedOf } from './catalogue.ts';

/** One HTTP request and what its messages have in common. */
export interface Exchange {
  headers: Headers;
  /** Proven, where what the headers say is hearsay. */
  identity: Identity;
  correlationId: string;
  awsRequestId: string;
  remainingMs: () => number;
  /** Ids of messages whose line has been written already. */
  told: Set<unknown>;
}

export interface ServerParts {
  version: string;
  catalogue: readonly CatalogueEntry[];
  call: ReturnType<typeof callTool>;
  /** Writes the line of a call of a tool there is not. */
  recordUnknown: (call: CallContext, name: string) => void;
}

/** How long a client may keep the list of tools, in milliseconds: it changes with a deployment only. */
const LIST_TTL_MS = 60_000;

/** An MCP server for one HTTP request: it lists the catalogue and calls what is in it, and nothing else. */
export const mcpServer = ({ version, catalogue, call, recordUnknown }: ServerParts, exchange: Exchange): Server => {
  const server = new Server(
    { name: 'toolwatch', version },
    { capabilities: { tools: {} }, cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'public' } } },
  );
  server.setRequestHandler('tools/list', () => ({ tools: catalogue.map((tool) => listedOf(tool)) }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const about = callContextOf(exchange, context, server.getClientVersion());
    // The function's name is made from the catalogue's entry, never from what the client wrote.
    const tool = catalogue.find(({ name }) => name === params.name);
    if (!tool) {
      recordUnknown(about, params.name);
      exchange.told.add(context.mcpReq.id);
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name.slice(0, 64)}`);
    }
    return call({
      tool,
      args: params.arguments ?? {},
      call: about,
      messageId: context.mcpReq.id,
      awsRequestId: exchange.awsRequestId,
      remainingMs: exchange.remainingMs(),
    });
  });
  return server;
};

const callContextOf = (exchange: Exchange, { mcpReq }: ServerContext, client?: Implementation): CallContext => ({
  event_id: createUuidV7(Date.now()),
  ...traceContextOfCall(exchange, mcpReq._meta),
  ...callerOf(exchange.headers, client),
  ...exchange.identity,
});
