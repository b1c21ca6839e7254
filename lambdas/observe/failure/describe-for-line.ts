import type { Scope } from '../call/scope.ts';
import type { Failure } from './failure.ts';
import { prepareForLine } from './prepare-for-line.ts';

function withholdText({ stack: _stack, ...failure }: Failure): Failure {
  return {
    ...failure,
    ...(failure.untrusted && { type: 'withheld', message: '<withheld: the arguments cannot be read>' }),
  };
}

/**
 * The failure as the line may contain it: without strings from the arguments. Where those cannot be read, nothing that
 * may quote them is written. Never throws, because the line must be written and the reply sent.
 */
export function describeForLine(
  failure: Failure | undefined,
  scope: Scope,
  readArguments: () => unknown,
  declared: ReadonlySet<string>,
): Failure | undefined {
  if (!failure) return undefined;
  try {
    return prepareForLine(failure, scope, readArguments(), declared);
  } catch {
    return withholdText(failure);
  }
}
