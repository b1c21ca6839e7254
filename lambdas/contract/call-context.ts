import * as z from 'zod';

export { AGENTCORE_KEYS, AGENTCORE_NAME_SEPARATOR, CALL_CONTEXT_KEY, CLIENT_CONTEXT_LIMIT } from './client-context.ts';

const short = z.string().min(1).max(256);

/**
 * What the gateway tells a tool about a call, beside its arguments: in `clientContext.custom`, next to the keys of
 * AgentCore Gateway's Lambda contract, so that a tool is the same behind both. Ours ride along as one JSON string.
 */
export const callContext = z.object({
  /** UUID v7, made by the gateway, so that it can write the line when the tool's process dies; its time is `started_at`. */
  event_id: z.uuidv7(),
  correlation_id: short,
  traceparent: z.string().max(64).optional(),
  tracestate: z.string().max(512).optional(),
  parent_id: z.uuid().optional(),
  tenant_id: short.optional(),
  user_id: short.optional(),
  session_id: short.optional(),
  source_gpt: short.optional(),
  client_name: short.optional(),
  client_version: short.optional(),
  user_agent: short.optional(),
});
export type CallContext = z.infer<typeof callContext>;
