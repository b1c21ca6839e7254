import { addMetadata, type Scope } from '../call/scope.ts';
import { readStackFrames, rewriteFailure } from '../privacy/privacy.ts';
import type { Failure } from './failure.ts';

/**
 * The failure as the line may contain it: without strings from `args`. Adds the innermost stack frames to the call's
 * metadata. `declared` are the names that the tool itself uses.
 */
export function prepareForLine(
  failure: Failure | undefined,
  scope: Scope,
  args: unknown,
  declared: ReadonlySet<string>,
): Failure | undefined {
  if (!failure) return undefined;
  if (failure.stack) addMetadata(scope, { stack: readStackFrames(failure, args, declared) });
  return rewriteFailure(failure, args, declared);
}
