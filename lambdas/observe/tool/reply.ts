import type { ToolFailure } from '../../contract/tool-reply.ts';
import type { Outcome } from '../call/run-call.ts';
import type { Scope } from '../call/scope.ts';
import { redactText, truncate } from '../privacy/redact.ts';

const MAX_MESSAGE_LENGTH = 2_000;

/** What the caller receives: the plain output, or the failure in a form that a model can act on. */
export function toReply<Result>(outcome: Outcome<Result>, scope: Scope): Result | ToolFailure {
  if (!outcome.failure) return outcome.result;
  const { code, fault, message, callerMessage, retryable } = outcome.failure;
  return {
    isError: true,
    code,
    fault,
    message: truncate(redactText(callerMessage ?? message), MAX_MESSAGE_LENGTH),
    retryable,
    correlation_id: scope.incoming.call.correlation_id,
  };
}
