import type { CallContext } from '../contract/call-context.ts';
import { readArguments } from '../contract/jobs/arguments.ts';
import type { ClaimedJob } from '../contract/jobs/store-requests.ts';
import { LIVE } from '../contract/live.ts';
import type { Progress } from '../contract/progress.ts';
import { toolFailure } from '../contract/tool-reply.ts';
import { type Fault, NO_TENANT } from '../contract/vocabulary.ts';
import type { CatalogueEntry } from '../invoke/catalogue.ts';
import { encodeClientContext } from '../invoke/client-context.ts';
import {
  GRACE_AFTER_TIMEOUT_MS,
  type InvokeFailure,
  type InvokeOutcome,
  type InvokeRequest,
  notAnAnswer,
} from '../invoke/invoke.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import type { FailedAttempt } from './retry-policy.ts';

/** What the worker is called where it calls tools. */
const CLIENT_NAME = 'toolwatch-jobs';

export interface ToolCaller {
  functionPrefix: string;
  invoke: (request: InvokeRequest) => Promise<InvokeOutcome>;
  /** Writes the line of a call whose function ended before it could write the line itself. */
  recordInvokeFailure: (
    invoked: { tool: CatalogueEntry; args: Record<string, unknown>; call: CallContext },
    failure: InvokeFailure,
    durationMs: number,
  ) => void;
}

export interface Attempt {
  job: ClaimedJob;
  tool: CatalogueEntry;
  /** The argument that gets the whole body. */
  argument: string | undefined;
  /** The call of the attempt itself, whose child the tool's call is. */
  attemptId: string;
  awsRequestId: string;
  /** The longest that it may take, in milliseconds. */
  maxMs: number;
  onProgress: (progress: Progress) => Promise<void>;
}

type AttemptFailure = FailedAttempt & { fault: Fault; type: string; message: string };

export interface MadeJob {
  /** Of the tool's call; undefined where there was none. */
  callId?: string;
  failure?: AttemptFailure;
}

const noArguments = (problem: string): MadeJob => ({
  failure: {
    code: 'INVALID_INPUT',
    fault: 'caller',
    type: 'invalid_payload',
    message: problem,
    retryable: false,
    mayHaveRun: false,
  },
});

const callOf = ({ job, attemptId }: Attempt): CallContext => ({
  event_id: createUuidV7(Date.now()),
  parent_id: attemptId,
  correlation_id: job.job_id,
  idempotency_key: job.job_id,
  client_name: CLIENT_NAME,
  ...(job.tenant_id !== NO_TENANT && { tenant_id: job.tenant_id }),
  ...(job.replays_call !== undefined && { replay_of: job.replays_call }),
});

/** Why the reply is a failure of the tool; undefined for a success. A tool that is throttled has done nothing. */
const failureIn = (reply: unknown): AttemptFailure | undefined => {
  const { success, data } = toolFailure.safeParse(reply);
  if (!success) return undefined;
  const { code, fault, message, retryable } = data;
  return { code, fault, type: 'tool_failed', message, retryable, mayHaveRun: code !== 'RATE_LIMITED' };
};

/** Makes the call of a job once. Never throws. */
export const makeJob = async (caller: ToolCaller, attempt: Attempt): Promise<MadeJob> => {
  const { job, tool, argument, awsRequestId, maxMs, onProgress } = attempt;
  const parsed = readArguments({
    ...{ payload: Buffer.from(job.payload, 'base64'), contentType: job.content_type, argument },
  });
  if ('problem' in parsed) return noArguments(parsed.problem);
  const args = parsed.arguments;
  const call = callOf(attempt);
  const startedAt = performance.now();
  const readsProgress = tool.progress === true;
  const outcome = await caller.invoke({
    functionName: `${caller.functionPrefix}${tool.name}:${LIVE}`,
    args,
    clientContext: encodeClientContext({ tool: tool.name, call, messageId: job.job_id, awsRequestId, readsProgress }),
    onProgress: readsProgress ? onProgress : undefined,
    timeoutMs: Math.max(1, Math.min(tool.timeoutSeconds * 1_000 + GRACE_AFTER_TIMEOUT_MS, maxMs)),
  });
  const isAnswer = 'reply' in outcome && typeof outcome.reply === 'object' && outcome.reply !== null;
  const ended = 'invokeFailure' in outcome ? outcome.invokeFailure : undefined;
  const invokeFailure = ended ?? (isAnswer ? undefined : notAnAnswer());
  if (!invokeFailure) {
    const failure = failureIn((outcome as { reply: unknown }).reply);
    return { callId: call.event_id, ...(failure && { failure }) };
  }
  caller.recordInvokeFailure({ tool, args, call }, invokeFailure, performance.now() - startedAt);
  const { code, fault, type, callerMessage: message, retryable, mayHaveRun } = invokeFailure;
  return { callId: call.event_id, failure: { code, fault, type, message, retryable, mayHaveRun } };
};
