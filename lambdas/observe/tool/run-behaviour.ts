import type * as z from 'zod';
import type { Outcome } from '../call/run-call.ts';
import type { Scope } from '../call/scope.ts';
import { createToolContext } from '../call/tool-context.ts';
import { failureOfThrown } from '../failure/failure.ts';
import { withRetries } from '../retry/retry.ts';
import type { Definition } from './definition.ts';
import { validateResult } from './validate-result.ts';

/** Runs the tool's behaviour and validates its result; both are repeated when the tool may retry. */
export const runBehaviour = <In extends z.ZodObject, Out extends z.ZodObject, Setting extends string>(
  tool: Definition<In, Out, Setting>,
  args: z.output<In>,
  scope: Scope,
): Promise<Outcome<z.output<Out>>> => {
  const context = createToolContext(scope, tool.facts.settings);
  return withRetries<z.output<Out>>(scope, tool.retry, async () => {
    try {
      return validateResult(tool, await tool.behaviour(args, context));
    } catch (thrown) {
      return { failure: failureOfThrown(thrown, tool.facts.provider) };
    }
  });
};
