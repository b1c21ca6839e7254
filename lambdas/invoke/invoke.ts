import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type LambdaClient,
  LambdaServiceException,
  RequestTooLargeException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { readErrorReport } from '../contract/error-report.ts';
import { parseJson } from '../contract/parse-json.ts';
import type { Progress } from '../contract/progress.ts';
import type { Failure } from '../observe/failure/failure.ts';
import { readStream, type StreamEnd } from './read-stream.ts';

/** A tool's function that ended without an answer of its own; `type` is Lambda's name for how it ended. */
export interface InvokeFailure extends Failure {
  callerMessage: string;
  /** True when the function may have done some or all of its work before it ended. */
  mayHaveRun: boolean;
}

export type InvokeOutcome = { reply: unknown } | { invokeFailure: InvokeFailure };

export interface InvokeRequest {
  functionName: string;
  args: unknown;
  clientContext: string;
  /** How long to wait, in milliseconds. Longer than Lambda lets the function run. */
  timeoutMs: number;
  /** Receives progress; without it the function's answer is not streamed. */
  onProgress?: ((progress: Progress) => Promise<void>) | undefined;
}

/**
 * How long to wait beyond a tool's own timeout, in milliseconds: the start of a fresh environment, and the time Lambda
 * grants a tool to write its line.
 */
export const GRACE_AFTER_TIMEOUT_MS = 20_000;

/** Lambda's limit on what a function is invoked with, in bytes. */
const PAYLOAD_LIMIT_BYTES = 6_291_456;

/** Names of errors that say that the wait for an answer ended. */
const TIMEOUTS = ['TimeoutError', 'AbortError'];
/** How errors of the network and of Lambda are named: `ECONNREFUSED`, `ResourceNotFoundException`. */
const ERROR_NAME = /^(?:[A-Z][A-Z_]{1,40}|[A-Z][A-Za-z]{1,60})$/;

/** Lambda's names for a runtime process or sandbox that ended during a call. */
const PROCESS_ENDED = /^(Runtime\.(ExitError|OutOfMemory)|Sandbox\.|Extension\.)/;
/** A promise that nobody awaited was rejected: by this call, or by work that an earlier call left behind. */
const UNHANDLED = 'Runtime.UnhandledPromiseRejection';

/**
 * What Lambda's error report means: the function was run and gave no answer. The line says how it ended, in our words:
 * those of the report may belong to an earlier caller.
 */
const failureFromReport = (payload: string): InvokeFailure => {
  const { errorType, isTimeout } = readErrorReport(payload);
  const common = { type: errorType, mayHaveRun: true };
  if (isTimeout) {
    const callerMessage = 'The tool was stopped because it ran too long. Ask for less, or try once more.';
    const message = 'Lambda stopped the function at its timeout';
    return { ...common, code: 'TIMEOUT', fault: 'platform', message, callerMessage, retryable: true };
  }
  if (errorType === 'Function.ResponseSizeTooLarge') return resultTooLarge(errorType);
  if (PROCESS_ENDED.test(errorType)) {
    const callerMessage = 'The tool was stopped during the call. Ask for less, or try once more.';
    const message = "The function's process ended during the call";
    return { ...common, code: 'INTERNAL_ERROR', fault: 'platform', message, callerMessage, retryable: true };
  }
  if (errorType === UNHANDLED) {
    const callerMessage = 'The tool was stopped during the call. Try once more.';
    const message = "An unhandled rejection ended the function's process during the call";
    return { ...common, code: 'INTERNAL_ERROR', fault: 'ours', message, callerMessage, retryable: true };
  }
  // What remains is code that did not load, or that threw outside of the tool's wrapper.
  const callerMessage = 'The tool is broken and needs a repair. Do not retry.';
  const message = 'The function failed without an answer; its log says why';
  return { ...common, code: 'INTERNAL_ERROR', fault: 'ours', message, callerMessage, retryable: false };
};

/** What an error is called: by its code if it is one of the network, else by its name. */
const typeOfError = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return 'Unknown';
  const name = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
  return ERROR_NAME.test(name) ? name : 'Unknown';
};

const argumentsTooLarge = (type: string): InvokeFailure => ({
  code: 'INVALID_INPUT',
  fault: 'caller',
  type,
  message: 'The arguments are larger than Lambda passes on',
  callerMessage: 'The arguments are too large. Send less.',
  retryable: false,
  mayHaveRun: false,
});

/** A result that the function produced and that cannot be delivered. */
export const resultTooLarge = (type: string): InvokeFailure => ({
  code: 'INTERNAL_ERROR',
  fault: 'ours',
  type,
  message: 'The result is larger than Lambda returns',
  callerMessage: 'The result was too large to be delivered. Ask for less.',
  retryable: false,
  mayHaveRun: true,
});

/** A reply that is neither a tool's output nor its failure; what it says is not repeated. */
export const notAnAnswer = (): InvokeFailure => ({
  code: 'INTERNAL_ERROR',
  fault: 'ours',
  type: 'invalid_reply',
  message: 'The function replied with neither an output nor a failure of a tool',
  callerMessage: 'The tool is broken and needs a repair. Do not retry.',
  retryable: false,
  mayHaveRun: true,
});

/** What an error of the Invoke request itself means: Lambda did not run the function, or its end is unknown. */
const failureFromError = (thrown: unknown): InvokeFailure => {
  const type = typeOfError(thrown);
  const common = { type, fault: 'platform' as const };
  if (thrown instanceof RequestTooLargeException) return argumentsTooLarge(type);
  if (thrown instanceof TooManyRequestsException) {
    const callerMessage = 'Too many calls at the same time. Try again in a few seconds.';
    const message = 'Lambda throttled the call';
    return { ...common, code: 'RATE_LIMITED', message, callerMessage, retryable: true, mayHaveRun: false };
  }
  if (TIMEOUTS.includes(type)) {
    const callerMessage = 'The tool did not answer in time. Try once more.';
    const message = 'The function gave no answer while it was waited for';
    return { ...common, code: 'TIMEOUT', message, callerMessage, retryable: true, mayHaveRun: true };
  }
  const callerMessage = 'The tool cannot be reached at the moment. Try again later.';
  const wasRefused = thrown instanceof LambdaServiceException;
  const message = wasRefused ? 'Lambda refused to run the function' : 'The connection to Lambda failed';
  return { ...common, code: 'INTERNAL_ERROR', message, callerMessage, retryable: true, mayHaveRun: !wasRefused };
};

async function* noEvents() {}

/** Invokes a function and reads its answer to the end, as a stream where progress is wanted. */
const invokeToEnd = async (
  lambda: Pick<LambdaClient, 'send'>,
  input: { FunctionName: string; ClientContext: string; Payload: string },
  { timeoutMs, onProgress }: InvokeRequest,
): Promise<StreamEnd> => {
  const options = { abortSignal: AbortSignal.timeout(timeoutMs) };
  if (!onProgress) {
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand(input), options);
    return { payload: Buffer.from(Payload ?? []).toString(), hasFailed: FunctionError !== undefined };
  }
  const { EventStream } = await lambda.send(new InvokeWithResponseStreamCommand(input), options);
  return readStream(EventStream ?? noEvents(), onProgress);
};

/** Invokes a function and waits until it ends. Never throws: a failure is an outcome too. */
export const invokeThrough =
  (lambda: Pick<LambdaClient, 'send'>) =>
  async (invocation: InvokeRequest): Promise<InvokeOutcome> => {
    const { functionName, args, clientContext } = invocation;
    const request = JSON.stringify(args);
    // A number written as 1e20 becomes four times as long, so this can be larger than the body that was sent.
    if (Buffer.byteLength(request) > PAYLOAD_LIMIT_BYTES) {
      return { invokeFailure: argumentsTooLarge('RequestTooLargeException') };
    }
    try {
      const input = { FunctionName: functionName, ClientContext: clientContext, Payload: request };
      const { payload, hasFailed } = await invokeToEnd(lambda, input, invocation);
      return hasFailed ? { invokeFailure: failureFromReport(payload) } : { reply: parseJson(payload) };
    } catch (error) {
      return { invokeFailure: failureFromError(error) };
    }
  };
