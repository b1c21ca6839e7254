import {
  AGENTCORE_KEYS,
  AGENTCORE_NAME_SEPARATOR,
  CALL_CONTEXT_KEY,
  type CallContext,
  CLIENT_CONTEXT_LIMIT,
} from '../contract/call-context.ts';

/** The target before the tool's name, where AgentCore has the name of its own. */
const TARGET = 'toolwatch';
/** A message id is the client's to choose; this much of it is enough to find it again. */
const MESSAGE_ID_LIMIT = 64;

/** What may be left out when a context is too long for Lambda, in this order: what explains least first. */
const DISPENSABLE = ['tracestate', 'user_agent', 'source_gpt', 'session_id', 'client_version', 'client_name'] as const;

export interface InvocationContext {
  tool: string;
  call: CallContext;
  /** The id of the client's JSON-RPC message. */
  messageId: string | number;
  /** Of the gateway's own invocation. */
  awsRequestId: string;
}

/** Lambda hands the context on in an HTTP header, where anything but ASCII would arrive broken. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const encode = ({ tool, call, messageId, awsRequestId }: InvocationContext): string =>
  Buffer.from(
    asciiJson({
      custom: {
        [AGENTCORE_KEYS.toolName]: `${TARGET}${AGENTCORE_NAME_SEPARATOR}${tool}`,
        [AGENTCORE_KEYS.targetId]: TARGET,
        [AGENTCORE_KEYS.messageVersion]: '1.0',
        [AGENTCORE_KEYS.mcpMessageId]: String(messageId).slice(0, MESSAGE_ID_LIMIT),
        [AGENTCORE_KEYS.awsRequestId]: awsRequestId,
        [CALL_CONTEXT_KEY]: JSON.stringify(call),
      },
    }),
  ).toString('base64');

/** The client context for an Invoke, never longer than Lambda takes. */
export const clientContext = (handover: InvocationContext): string => {
  const call = { ...handover.call };
  for (const key of DISPENSABLE) {
    const encoded = encode({ ...handover, call });
    if (encoded.length <= CLIENT_CONTEXT_LIMIT) return encoded;
    delete call[key];
  }
  return encode({ ...handover, call });
};
