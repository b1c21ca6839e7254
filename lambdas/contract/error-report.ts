import * as z from 'zod';
import { parseJson } from './parse-json.ts';

/** How a function ended that gave no answer of its own. */
export interface FunctionEnd {
  /** Lambda's name for the end, or the thrown error's class; `Unknown` where the report's word is neither. */
  errorType: string;
  isTimeout: boolean;
}

/** Lambda's own names: `Runtime.ExitError`, `Sandbox.Timedout`. */
const PLATFORM_TYPE = /^(?:Runtime|Sandbox|Extension|Function)\.[A-Z][A-Za-z]{1,48}$/;
/** Names of error classes: `TypeError`, `java.lang.IllegalStateException`. Any other word may be a caller's. */
const ERROR_CLASS = /^(?=.{1,64}$)(?:[a-z][a-z\d]*\.)*[A-Z]?[A-Za-z]*(?:Error|Exception)$/;
const TIMED_OUT = 'Sandbox.Timedout';
/** The whole of what Lambda reports of a timeout where it names no type. */
const TIMEOUT_MESSAGE = /^\S{1,40} \S{1,40} (?:Error: )?Task timed out after \d+\.\d+ seconds$/;

const report = z.object({ errorType: z.string().optional(), errorMessage: z.string().default('') });

/**
 * What Lambda's report of a function error says, without its message and its trace: a process keeps running between
 * calls, so its last words can be those of an earlier caller.
 */
export const readErrorReport = (payload: string): FunctionEnd => {
  const { errorType, errorMessage = '' } = report.safeParse(parseJson(payload)).data ?? {};
  if (errorType === undefined && TIMEOUT_MESSAGE.test(errorMessage)) return { errorType: TIMED_OUT, isTimeout: true };
  const isKnown = errorType !== undefined && (PLATFORM_TYPE.test(errorType) || ERROR_CLASS.test(errorType));
  return { errorType: isKnown ? errorType : 'Unknown', isTimeout: errorType === TIMED_OUT };
};
