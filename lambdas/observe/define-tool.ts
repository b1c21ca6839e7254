import type * as z from 'zod';
import type { ToolFacts } from '../contract/tool-facts.ts';
import type { ToolFailure } from '../contract/tool-reply.ts';
import { type Failure, failureOfErrorResult, failureOfThrown, invalidInput, invalidOutput } from './failure.ts';
import type { LambdaContext } from './incoming.ts';
import { cut, redactText } from './redact.ts';
import { type Bytes, type Outcome, runCall } from './run-call.ts';
import { settingsOf } from './settings.ts';
import { type Site, siteOf } from './site.ts';
import { type ToolContext, toolContext } from './tool-context.ts';
import type { ToolError } from './tool-error.ts';

/** A result that says of itself that it is none: MCP's own form, or another tool's failure handed on. */
export interface ErrorResult {
  isError: true;
  [key: string]: unknown;
}

export interface ToolHooks<Out extends z.ZodObject> {
  /** Finds a failure hidden in a result that looks like a success. */
  failureIn?(result: z.output<Out>): ToolError | undefined;
}

/** A tool: the handler of its Lambda function, which carries the tool's facts. It answers failures, it never throws them. */
export interface Tool<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  (event: unknown, context?: LambdaContext): Promise<z.output<Out> | ToolFailure>;
  readonly facts: ToolFacts<In, Out>;
}

type Behaviour<In extends z.ZodObject, Out extends z.ZodObject, Setting extends string> = (
  args: z.output<In>,
  context: ToolContext<Setting>,
) => Promise<z.input<Out> | ErrorResult> | z.input<Out> | ErrorResult;

const LONGEST_TOLD = 2_000;

const reply = (failure: Failure, correlation_id: string): ToolFailure => ({
  isError: true,
  code: failure.code,
  fault: failure.fault,
  message: cut(redactText(failure.told ?? failure.message), LONGEST_TOLD),
  retryable: failure.retryable,
  correlation_id,
});

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** A tool's result in its final form, and how large it is; or why it is none. */
const judged = <Out extends z.ZodObject>(
  result: unknown,
  { output }: ToolFacts<z.ZodObject, Out>,
  hooks: ToolHooks<Out>,
  bytes: Bytes,
): Outcome<z.output<Out>> => {
  if (typeof result === 'object' && result !== null && (result as { isError?: unknown }).isError === true) {
    return { failure: failureOfErrorResult(result) };
  }
  const parsed = output.safeParse(result);
  if (!parsed.success) return { failure: invalidOutput(parsed.error.message) };
  const hidden = hooks.failureIn?.(parsed.data);
  if (hidden) return { failure: { ...failureOfThrown(hidden), type: hidden.type } };
  try {
    bytes.response = bytesOf(parsed.data);
  } catch (error) {
    return { failure: invalidOutput(`The result is no JSON: ${String(error)}`) };
  }
  return { result: parsed.data };
};

/**
 * Defines a tool in two steps: first its facts, then its behaviour, whose arguments are typed by the input and whose
 * result is checked against the output. Importing a tool does nothing; the environment is read by its first call.
 */
export const defineTool = <In extends z.ZodObject, Out extends z.ZodObject, const Setting extends string = never>(
  facts: ToolFacts<In, Out> & { settings?: readonly Setting[] },
) => ({
  run(behaviour: Behaviour<In, Out, Setting>, hooks: ToolHooks<Out> = {}): Tool<In, Out> {
    let site: Site | undefined;

    const handle = async (event: unknown, context?: LambdaContext): Promise<z.output<Out> | ToolFailure> => {
      site ??= siteOf({
        kind: 'tool',
        name: facts.name,
        slowMs: facts.alarms.p95Ms,
        provider: facts.provider,
        gptName: facts.gptName,
      });
      const { outcome, scope } = await runCall<z.output<Out>>(
        site,
        context,
        facts.timeoutSeconds * 1_000,
        async (scope, bytes) => {
          bytes.request = bytesOf(event);
          const args = facts.input.safeParse(event);
          if (!args.success) return { failure: invalidInput(args.error) };
          const settings = settingsOf(facts.settings as readonly Setting[] | undefined);
          const result = await behaviour(args.data, toolContext(scope, settings, facts.provider));
          return judged(result, facts, hooks, bytes);
        },
      );
      return outcome.failure ? reply(outcome.failure, scope.incoming.call.correlation_id) : outcome.result;
    };

    return Object.assign(handle, { facts });
  },
});
