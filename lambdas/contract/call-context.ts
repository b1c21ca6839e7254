import * as z from 'zod';

/**
 * What the gateway tells a tool about a call, beside its arguments: in `clientContext.custom`, under the keys of
 * AgentCore Gateway's Lambda contract, so that a tool is the same behind both. Ours ride along as one JSON string.
 */
export const AGENTCORE_KEYS = {
  toolName: 'bedrockAgentCoreToolName',
  gatewayId: 'bedrockAgentCoreGatewayId',
  targetId: 'bedrockAgentCoreTargetId',
  messageVersion: 'bedrockAgentCoreMessageVersion',
  mcpMessageId: 'bedrockAgentCoreMcpMessageId',
  awsRequestId: 'bedrockAgentCoreAwsRequestId',
} as const;

/** What stands between target and tool in AgentCore's tool name. */
export const AGENTCORE_NAME_SEPARATOR = '___';

/** Our own key in `clientContext.custom`; its value is the JSON of a `CallContext`. */
export const CALL_CONTEXT_KEY = 'toolwatchCall';

/** Lambda refuses a client context of more base64 characters than this. */
export const CLIENT_CONTEXT_LIMIT = 3_583;

const short = z.string().min(1).max(256);

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
