import {
  InvokeCommand,
  type LambdaClient,
  LambdaServiceException,
  RequestTooLargeException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Failure } from '../observe/failure/failure.ts';

/** How a tool's function ended without an answer of its own; its type is Lambda's name for it. */
export interface InvokeFailure extends Failure {
  callerMessage: string;
  /** May it have done some or all of its work before it died? */
  mayHaveRun: boolean;
}

export type Invoked = { answer: unknown } | { death: InvokeFailure };

export interface Invoke {
  functionName: string;
  args: unknown;
  clientContext: string;
  /** After which nobody waits any longer, in milliseconds: later than Lambda would have killed the function. */
  timeoutMs: number;
}

const report = z.object({ errorType: z.string().default('Unknown'), errorMessage: z.string().default('') });

const invokeFailed = (death: InvokeFailure): Invoked => ({ death });

/** What Lambda reports when the function, and not its answer, failed. */
const readReport = (payload: string): InvokeFailure => {
  const parsed = report.safeParse(parseJson(payload));
  const { errorType, errorMessage } = parsed.success ? parsed.data : { errorType: 'Unknown', errorMessage: payload };
  const common = { type: errorType, message: errorMessage || errorType };
  if (errorType === 'Sandbox.Timedout' || /Task timed out after/.test(errorMessage)) {
    const callerMessage = 'The tool was stopped because it ran too long. Ask for less, or try once more.';
    return { ...common, code: 'TIMEOUT', fault: 'platform', callerMessage, retryable: true, mayHaveRun: true };
  }
  if (errorType === 'Function.ResponseSizeTooLarge') {
    const callerMessage = 'The result was too large to be delivered. Ask for less.';
    return {
      ...common,
      code: 'INTERNAL_ERROR',
      fault: 'ours',
      callerMessage,
      retryable: false,
      mayHaveRun: true,
    };
  }
  if (/^(Runtime\.(ExitError|OutOfMemory)|Sandbox\.|Extension\.)/.test(errorType)) {
    const callerMessage = 'The tool was stopped while it worked. Ask for less, or try once more.';
    return {
      ...common,
      code: 'INTERNAL_ERROR',
      fault: 'platform',
      callerMessage,
      retryable: true,
      mayHaveRun: true,
    };
  }
  // What is left is code that did not load or threw past its wrapper.
  const callerMessage = 'The tool is broken and will stay so until it is mended. Do not retry.';
  return { ...common, code: 'INTERNAL_ERROR', fault: 'ours', callerMessage, retryable: false, mayHaveRun: true };
};

/** What it means when Lambda did not run the function at all, or nobody heard of its end. */
const readRefusal = (error: unknown): InvokeFailure => {
  const named = error instanceof Error ? error : new Error(String(error));
  // A connection's error is told apart by its code, one of Lambda's by its name.
  const type = 'code' in named && typeof named.code === 'string' ? named.code : named.name;
  const common = { type, message: named.message, fault: 'platform' as const };
  if (error instanceof RequestTooLargeException) {
    const callerMessage = 'The arguments are too large. Send less.';
    return {
      ...common,
      code: 'INVALID_INPUT',
      fault: 'caller',
      callerMessage,
      retryable: false,
      mayHaveRun: false,
    };
  }
  if (error instanceof TooManyRequestsException) {
    const callerMessage = 'Too many calls at once. Try again in a few seconds.';
    return { ...common, code: 'RATE_LIMITED', callerMessage, retryable: true, mayHaveRun: false };
  }
  if (named.name === 'TimeoutError' || named.name === 'AbortError') {
    const callerMessage = 'The tool did not answer in time. Try once more.';
    return { ...common, code: 'TIMEOUT', callerMessage, retryable: true, mayHaveRun: true };
  }
  const callerMessage = 'The tool cannot be reached at the moment. Try again later.';
  return {
    ...common,
    code: 'INTERNAL_ERROR',
    callerMessage,
    retryable: true,
    mayHaveRun: !(error instanceof LambdaServiceException),
  };
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** Runs a function and waits for its end. Never throws: a death is an answer too. */
export const invokeThrough =
  (lambda: Pick<LambdaClient, 'send'>) =>
  async ({ functionName, args, clientContext, timeoutMs: patienceMs }: Invoke): Promise<Invoked> => {
    try {
      const command = new InvokeCommand({
        FunctionName: functionName,
        ClientContext: clientContext,
        Payload: JSON.stringify(args),
      });
      const { FunctionError, Payload } = await lambda.send(command, { abortSignal: AbortSignal.timeout(patienceMs) });
      const payload = Buffer.from(Payload ?? []).toString();
      return FunctionError ? invokeFailed(readReport(payload)) : { answer: parseJson(payload) };
    } catch (error) {
      return invokeFailed(readRefusal(error));
    }
  };
