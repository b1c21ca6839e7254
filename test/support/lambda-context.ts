import { AGENTCORE_KEYS, CALL_CONTEXT_KEY, type CallContext } from '../../lambdas/contract/call-context.ts';
import type { LambdaContext } from '../../lambdas/observe/call/incoming.ts';
import { createUuidV7 } from '../../lambdas/observe/line/uuid.ts';

/** A call as the gateway would announce it, with what the test does not name filled in. */
export const aCall = (given: Partial<CallContext> = {}): CallContext => ({
  event_id: createUuidV7(Date.now()),
  correlation_id: 'test-correlation',
  ...given,
});

interface ContextOptions {
  /** What is left of the function's time, in milliseconds. */
  remainingMs?: number;
  toolName?: string;
  signal?: AbortSignal;
}

/** The Lambda context of a call our gateway makes. */
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
