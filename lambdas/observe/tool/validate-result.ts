import type * as z from 'zod';
import type { Outcome } from '../call/run-call.ts';
import { addMetadata, type Scope } from '../call/scope.ts';
import {
  failureOfErrorResult,
  failureOfInvalidOutput,
  failureOfThrown,
  failureOfUnsendableResult,
} from '../failure/failure.ts';
import { pickAllowedPaths } from '../privacy/privacy.ts';
import { bytesOf } from './bytes-of.ts';
import { type Definition, parsingOptionsOf } from './definition.ts';

const isErrorResult = (result: unknown): result is object =>
  typeof result === 'object' && result !== null && (result as { isError?: unknown }).isError === true;

/** What the behaviour returned as the tool's output, or the failure that it is or contains. */
export const validateResult = <In extends z.ZodObject, Out extends z.ZodObject, Setting extends string>(
  tool: Definition<In, Out, Setting>,
  result: unknown,
): Outcome<z.output<Out>> => {
  const { output } = tool.facts;
  if (isErrorResult(result)) return { failure: failureOfErrorResult(result) };
  const parsed = output.safeParse(result, parsingOptionsOf(tool));
  if (!parsed.success) return { failure: failureOfInvalidOutput(parsed.error, output.shape) };
  const hiddenFailure = tool.hooks.failureIn?.(parsed.data);
  return hiddenFailure ? { failure: failureOfThrown(hiddenFailure) } : { result: parsed.data };
};

/** Measures a valid result, and captures its allowed parts. A result that cannot be sent as JSON is a failure. */
export const measureResult = <In extends z.ZodObject, Out extends z.ZodObject, Setting extends string>(
  tool: Definition<In, Out, Setting>,
  result: z.output<Out>,
  scope: Scope,
): Outcome<z.output<Out>> => {
  const { capture } = tool.facts;
  try {
    scope.responseBytes = bytesOf(result);
  } catch {
    return { failure: failureOfUnsendableResult() };
  }
  if (capture?.output) addMetadata(scope, { output: pickAllowedPaths(result, capture.output) });
  return { result };
};
