import type * as z from 'zod';
import type { Outcome } from '../call/run-call.ts';
import { addMetadata, type Scope } from '../call/scope.ts';
import { failureOfInvalidInput } from '../failure/failure.ts';
import { pickAllowedPaths } from '../privacy/privacy.ts';
import { type Definition, parsingOptionsOf } from './definition.ts';
import { describeUnknownArguments, failureOfUnknownArguments } from './unknown-arguments.ts';

/** The size of an event as JSON; undefined when a caller in the same process passes what JSON cannot write. */
function bytesOf(event: unknown): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(event) ?? '');
  } catch {
    return undefined;
  }
}

/** The arguments in an event, or the failure that says which of them are invalid. */
export function parseArguments<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(tool: Definition<In, Out, Setting, Secret>, event: unknown, scope: Scope): Outcome<z.output<In>> {
  const { input, capture } = tool.facts;
  scope.requestBytes = bytesOf(event);
  tool.calls += 1;
  const parsed = input.safeParse(event, parsingOptionsOf(tool));
  const unknown = describeUnknownArguments(input, event);
  if (!parsed.success) {
    const failure = failureOfInvalidInput(parsed.error, input.shape);
    return { failure: unknown ? { ...failure, callerMessage: `${failure.callerMessage}; ${unknown}` } : failure };
  }
  if (unknown) return { failure: failureOfUnknownArguments(unknown) };
  if (capture?.input) addMetadata(scope, { input: pickAllowedPaths(parsed.data, capture.input) });
  return { result: parsed.data };
}
