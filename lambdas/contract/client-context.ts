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

/** The header in which a client receives its session handle and sends it back. */
export const SESSION_HANDLE_HEADER = 'x-toolwatch-session';
/** The key of the same in the `_meta` of a result and of a request. */
export const SESSION_HANDLE_KEY = 'toolwatch/session';
/** The header in which the operator names the call that a request repeats. */
export const REPLAY_HEADER = 'x-toolwatch-replay-of';
/** The key of the same in the `_meta` of a request. */
export const REPLAY_KEY = 'toolwatch/replay_of';

/** Labels that a token may give to a call although nothing verified it. */
export const UNVERIFIED_LABELS = ['user_id', 'source_gpt', 'client_name'] as const;
export type UnverifiedLabel = (typeof UNVERIFIED_LABELS)[number];

/** What a request claimed and was refused, with the measure that counts it on the line. */
export const REFUSED_CLAIMS = { session: 'session_handles_refused', replay_of: 'replays_refused' } as const;
export type RefusedClaim = keyof typeof REFUSED_CLAIMS;
