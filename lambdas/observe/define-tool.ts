import type * as z from 'zod';
import { READS_PROGRESS_KEY } from '../contract/progress.ts';
import type { ToolFacts } from '../contract/tool-facts.ts';
import type { ToolFailure } from '../contract/tool-reply.ts';
import { type LambdaContext, readLambdaContext } from './call/incoming.ts';
import { createProgress } from './call/progress.ts';
import { readText } from './call/read-safely.ts';
import { beginCall, endCall, runWork } from './call/run-call.ts';
import { describeForLine } from './failure/describe-for-line.ts';
import type { Behaviour, NamingFacts, ToolHooks } from './tool/behaviour.ts';
import { createDefinition, findOperation } from './tool/definition.ts';
import { parseArguments } from './tool/parse-arguments.ts';
import { toReply } from './tool/reply.ts';
import { runBehaviour } from './tool/run-behaviour.ts';
import { streamReply } from './tool/stream-reply.ts';
import { measureResult } from './tool/validate-result.ts';

/**
 * A tool: the handler of its Lambda function, together with the tool's facts. It returns failures and never throws
 * them.
 */
export interface Tool<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  (event: unknown, context?: LambdaContext): Promise<z.output<Out> | ToolFailure>;
  readonly facts: ToolFacts<In, Out>;
}

/**
 * Defines a tool in two steps: first its facts, then its behaviour. The input types the behaviour's arguments, and the
 * output validates its result. Importing a tool reads nothing and opens nothing; its first call reads the environment.
 */
export function defineTool<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  const Setting extends string = never,
  const Secret extends string = never,
>(facts: NamingFacts<In, Out, Setting, Secret>) {
  return {
    run(behaviour: Behaviour<In, Out, Setting, Secret>, hooks: ToolHooks<Out> = {}): Tool<In, Out> {
      const tool = createDefinition(facts, behaviour, hooks);
      /**
       * Parses the arguments, runs the behaviour and validates its result (with retries), writes the line and replies.
       */
      const handle = async (
        event: unknown,
        lambda?: LambdaContext,
        write?: (line: string) => void,
      ): Promise<z.output<Out> | ToolFailure> => {
        const context = readLambdaContext(lambda);
        const scope = beginCall(findOperation(tool), context);
        if (write && readText(context.custom, READS_PROGRESS_KEY)) scope.progress = createProgress(scope, write);
        scope.metadataKeys = facts.capture?.metadata;
        const outcome = await runWork<z.output<Out>>(scope, tool.timeLimitMs, async () => {
          const args = parseArguments(tool, event, scope);
          if (args.failure) return args;
          const validated = await runBehaviour(tool, args.result, scope);
          return validated.failure ? validated : measureResult(tool, validated.result, scope);
        });
        endCall(
          scope,
          describeForLine(outcome.failure, scope, () => event, tool.declaredNames),
        );
        return toReply(outcome, scope);
      };
      return Object.assign(facts.progress ? streamReply(handle) : handle, { facts });
    },
  };
}
