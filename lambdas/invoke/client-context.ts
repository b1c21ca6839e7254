import {
  AGENTCORE_KEYS,
  AGENTCORE_NAME_SEPARATOR,
  CALL_CONTEXT_KEY,
  type CallContext,
  CLIENT_CONTEXT_LIMIT,
} from '../contract/call-context.ts';
import { READS_PROGRESS_KEY } from '../contract/progress.ts';

/** The target that precedes the tool's name, where AgentCore Gateway puts the name of its own target. */
const TARGET = 'toolwatch';
/** The client chooses its message ids; this many characters are enough to find a message again. */
const MESSAGE_ID_LIMIT = 64;

/** What is dropped, in this order, while a context is too long for Lambda: the least useful first. */
const DROPPABLE_KEYS = [
  'tracestate',
  'user_agent',
  'source_gpt',
  'session_id',
  'client_version',
  'client_name',
  'user_id',
] as const;

/** What a tool's function receives about a call beside its arguments. */
export interface InvocationContext {
  tool: string;
  call: CallContext;
  /** The id of the client's JSON-RPC message. */
  messageId: string | number;
  /** The request id of the gateway's own invocation. */
  awsRequestId: string;
  /** Whether progress is read from the function's stream. */
  readsProgress?: boolean;
}

/** Lambda passes the context on in an HTTP header, where anything but ASCII would be garbled. */
const toAsciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const encode = ({ tool, call, messageId, awsRequestId, readsProgress }: InvocationContext): string =>
  Buffer.from(
    toAsciiJson({
      custom: {
        [AGENTCORE_KEYS.toolName]: `${TARGET}${AGENTCORE_NAME_SEPARATOR}${tool}`,
        [AGENTCORE_KEYS.targetId]: TARGET,
        [AGENTCORE_KEYS.messageVersion]: '1.0',
        [AGENTCORE_KEYS.mcpMessageId]: String(messageId).slice(0, MESSAGE_ID_LIMIT),
        [AGENTCORE_KEYS.awsRequestId]: awsRequestId,
        [CALL_CONTEXT_KEY]: JSON.stringify(call),
        ...(readsProgress && { [READS_PROGRESS_KEY]: 'yes' }),
      },
    }),
  ).toString('base64');

/** The client context of an Invoke, never longer than Lambda accepts. */
export const encodeClientContext = (context: InvocationContext): string => {
  const call = { ...context.call };
  for (const key of DROPPABLE_KEYS) {
    const encoded = encode({ ...context, call });
    if (encoded.length <= CLIENT_CONTEXT_LIMIT) return encoded;
    delete call[key];
  }
  return encode({ ...context, call });
};
