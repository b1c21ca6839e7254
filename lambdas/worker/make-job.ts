import type { CallContext } from '../contract/call-context.ts';
import { readArguments } from '../contract/jobs/arguments.ts';
import type { ClaimedJob } from '../contract/jobs/store-requests.ts';
import { LIVE } from '../contract/live.ts';
import type { Progress } from '../contract/progress.ts';
import type { ToolFailure } from '../contract/tool-reply.ts';
import { type Fault, NO_TENANT } from '../contract/vocabulary.ts';
import type { CatalogueEntry } from '../invoke/catalogue.ts';
import { encodeClientContext } from '../invoke/client-context.ts';
import {
  GRACE_AFTER_TIMEOUT_MS,
  type InvokeFailure,
  type InvokeOutcome,
  type InvokeRequest,
} from '../invoke/invoke.ts';
import { readReply } from '../invoke/read-reply.ts';
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

/** A tool that is throttled has done nothing. */
const toAttemptFailure = ({ code, fault, message, retryable }: ToolFailure): AttemptFailure => ({
  ...{ code, fault, type: 'tool_failed', message, retryable },
  mayHaveRun: code !== 'RATE_LIMITED',
});

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
  const reply = readReply(outcome);
  const callId = call.event_id;
  if ('output' in reply) return { callId };
  if ('failure' in reply) return { callId, failure: toAttemptFailure(reply.failure) };
  caller.recordInvokeFailure({ tool, args, call }, reply.invokeFailure, performance.now() - startedAt);
  const { code, fault, type, callerMessage: message, retryable, mayHaveRun } = reply.invokeFailure;
  return { callId, failure: { code, fault, type, message, retryable, mayHaveRun } };
};
