import {
  InvokeCommand,
  type LambdaClient,
  LambdaServiceException,
  RequestTooLargeException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';
import type { Failure } from '../observe/failure/failure.ts';

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
}

const errorReport = z.object({ errorType: z.string().default('Unknown'), errorMessage: z.string().default('') });

/** Lambda's error types for a runtime process or sandbox that ended during a call. */
const PROCESS_ENDED = /^(Runtime\.(ExitError|OutOfMemory)|Sandbox\.|Extension\.)/;

/** What Lambda's error report means: the function was run and gave no answer. */
const failureFromReport = (payload: string): InvokeFailure => {
  const report = errorReport.safeParse(parseJson(payload));
  const { errorType, errorMessage } = report.success ? report.data : { errorType: 'Unknown', errorMessage: payload };
  const common = { type: errorType, message: errorMessage || errorType, mayHaveRun: true };
  if (errorType === 'Sandbox.Timedout' || /Task timed out after/.test(errorMessage)) {
    const callerMessage = 'The tool was stopped because it ran too long. Ask for less, or try once more.';
    return { ...common, code: 'TIMEOUT', fault: 'platform', callerMessage, retryable: true };
  }
  if (errorType === 'Function.ResponseSizeTooLarge') {
    const callerMessage = 'The result was too large to be delivered. Ask for less.';
    return { ...common, code: 'INTERNAL_ERROR', fault: 'ours', callerMessage, retryable: false };
  }
  if (PROCESS_ENDED.test(errorType)) {
    const callerMessage = 'The tool was stopped during the call. Ask for less, or try once more.';
    return { ...common, code: 'INTERNAL_ERROR', fault: 'platform', callerMessage, retryable: true };
  }
  // What remains is code that did not load, or that threw outside of the tool's wrapper.
  const callerMessage = 'The tool is broken and needs a repair. Do not retry.';
  return { ...common, code: 'INTERNAL_ERROR', fault: 'ours', callerMessage, retryable: false };
};

/** What an error of the Invoke request itself means: Lambda did not run the function, or its end is unknown. */
const failureFromError = (thrown: unknown): InvokeFailure => {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  // A network error is identified by its code, one of Lambda's by its name.
  const type = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const common = { type, message: error.message, fault: 'platform' as const };
  if (error instanceof RequestTooLargeException) {
    const callerMessage = 'The arguments are too large. Send less.';
    return { ...common, code: 'INVALID_INPUT', fault: 'caller', callerMessage, retryable: false, mayHaveRun: false };
  }
  if (error instanceof TooManyRequestsException) {
    const callerMessage = 'Too many calls at the same time. Try again in a few seconds.';
    return { ...common, code: 'RATE_LIMITED', callerMessage, retryable: true, mayHaveRun: false };
  }
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    const callerMessage = 'The tool did not answer in time. Try once more.';
    return { ...common, code: 'TIMEOUT', callerMessage, retryable: true, mayHaveRun: true };
  }
  const callerMessage = 'The tool cannot be reached at the moment. Try again later.';
  const mayHaveRun = !(error instanceof LambdaServiceException);
  return { ...common, code: 'INTERNAL_ERROR', callerMessage, retryable: true, mayHaveRun };
};

/** Invokes a function and waits until it ends. Never throws: a failure is an outcome too. */
export const invokeThrough =
  (lambda: Pick<LambdaClient, 'send'>) =>
  async ({ functionName, args, clientContext, timeoutMs }: InvokeRequest): Promise<InvokeOutcome> => {
    try {
      const command = new InvokeCommand({
        FunctionName: functionName,
        ClientContext: clientContext,
        Payload: JSON.stringify(args),
      });
      const { FunctionError, Payload } = await lambda.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
      const payload = Buffer.from(Payload ?? []).toString();
      return FunctionError ? { invokeFailure: failureFromReport(payload) } : { reply: parseJson(payload) };
    } catch (error) {
      return { invokeFailure: failureFromError(error) };
    }
  };
