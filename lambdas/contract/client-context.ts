/** The keys of AgentCore Gateway's Lambda contract, in `clientContext.custom`. */
export const AGENTCORE_KEYS = {
  toolName: 'bedrockAgentCoreToolName',
  gatewayId: 'bedrockAgentCoreGatewayId',
  targetId: 'bedrockAgentCoreTargetId',
  messageVersion: 'bedrockAgentCoreMessageVersion',
  mcpMessageId: 'bedrockAgentCoreMcpMessageId',
  awsRequestId: 'bedrockAgentCoreAwsRequestId',
} as const;

/** Separates target and tool in AgentCore's tool name. */
export const AGENTCORE_NAME_SEPARATOR = '___';

/** Our own key in `clientContext.custom`; its value is the JSON of a `CallContext`. */
export const CALL_CONTEXT_KEY = 'toolwatchCall';

/** Lambda rejects a client context with more base64 characters than this. */
export const CLIENT_CONTEXT_LIMIT = 3_583;

/** The header in which a client sends the flag with which its request is logged at DEBUG. */
export const DEBUG_HEADER = 'x-toolwatch-debug';
/** No valid flag is longer. In characters. */
export const DEBUG_FLAG_LIMIT = 128;
