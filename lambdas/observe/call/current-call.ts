import { currentScope } from './scope.ts';
import { createWorkContext, type WorkContext } from './tool-context.ts';

/**
 * The running call, for code that is not handed its context, such as a handler inside middy; undefined outside a call.
 */
export function currentCall(): WorkContext | undefined {
  const scope = currentScope();
  return scope && createWorkContext(scope);
}
