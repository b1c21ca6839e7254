import { AGENTCORE_KEYS, CALL_CONTEXT_KEY, type CallContext } from '../../lambdas/contract/call-context.ts';
import type { LambdaContext } from '../../lambdas/observe/call/incoming.ts';
import { createUuidV7 } from '../../lambdas/observe/line/uuid.ts';

/** The call context that the gateway sends, with defaults for fields that the test does not set. */
export const aCall = (given: Partial<CallContext> = {}): CallContext => ({
  event_id: createUuidV7(Date.now()),
  correlation_id: 'test-correlation',
  ...given,
});

interface ContextOptions {
  /** The function's remaining time, in milliseconds. */
  remainingMs?: number;
  toolName?: string;
  signal?: AbortSignal;
}

/** The Lambda context of a call by our gateway. */
export const aContext = (call: Partial<CallContext> = {}, options: ContextOptions = {}): LambdaContext => ({
  awsRequestId: '11111111-2222-4333-8444-555555555555',
  functionVersion: '7',
  memoryLimitInMB: '256',
  getRemainingTimeInMillis: () => options.remainingMs ?? 30_000,
  clientContext: {
    custom: {
      [AGENTCORE_KEYS.toolName]: `toolwatch___${options.toolName ?? 'a_tool'}`,
      [CALL_CONTEXT_KEY]: JSON.stringify(aCall(call)),
    },
  },
  ...(options.signal && { signal: options.signal }),
});
