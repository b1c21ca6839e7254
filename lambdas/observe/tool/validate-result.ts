import type * as z from 'zod';
import { ANSWER_LIMIT_BYTES, fitsInAnswer, measureEmbedded } from '../../contract/answer-size.ts';
import type { Outcome } from '../call/run-call.ts';
import { addMetadata, type Scope } from '../call/scope.ts';
import {
  failureOfErrorResult,
  failureOfInvalidOutput,
  failureOfLargeResult,
  failureOfLeakedSecret,
  failureOfThrown,
  failureOfUnsendableResult,
} from '../failure/failure.ts';
import { containsKnownSecret } from '../privacy/known-secrets.ts';
import { pickAllowedPaths } from '../privacy/privacy.ts';
import { type Definition, parsingOptionsOf } from './definition.ts';

function isErrorResult(result: unknown): result is object {
  return typeof result === 'object' && result !== null && (result as { isError?: unknown }).isError === true;
}

/** What the behaviour returned as the tool's output, or the failure that it is or contains. */
export function validateResult<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(tool: Definition<In, Out, Setting, Secret>, result: unknown): Outcome<z.output<Out>> {
  const { output } = tool.facts;
  if (isErrorResult(result)) return { failure: failureOfErrorResult(result) };
  const parsed = output.safeParse(result, parsingOptionsOf(tool));
  if (!parsed.success) return { failure: failureOfInvalidOutput(parsed.error, output.shape) };
  const hiddenFailure = tool.hooks.failureIn?.(parsed.data);
  return hiddenFailure ? { failure: failureOfThrown(hiddenFailure) } : { result: parsed.data };
}

/** The result as JSON; undefined when it cannot be written as such. */
function toJson(result: unknown): string | undefined {
  try {
    return JSON.stringify(result);
  } catch {
    return undefined;
  }
}

/**
 * Measures a valid result, and captures its allowed parts. A result that cannot be sent as JSON, or is too large to be
 * delivered, is a failure: the line must not say success when the caller will not have the result.
 */
export function measureResult<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(tool: Definition<In, Out, Setting, Secret>, result: z.output<Out>, scope: Scope): Outcome<z.output<Out>> {
  const { capture } = tool.facts;
  const json = toJson(result);
  if (json === undefined) return { failure: failureOfUnsendableResult() };
  if (containsKnownSecret(json)) return { failure: failureOfLeakedSecret() };
  scope.responseBytes = Buffer.byteLength(json);
  if (!fitsInAnswer(json)) return { failure: failureOfLargeResult(measureEmbedded(json), ANSWER_LIMIT_BYTES) };
  if (capture?.output) addMetadata(scope, { output: pickAllowedPaths(result, capture.output) });
  return { result };
}
