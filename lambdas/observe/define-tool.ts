import type * as z from 'zod';
import { P95_MS, type ToolFacts } from '../contract/tool-facts.ts';
import type { ToolFailure } from '../contract/tool-reply.ts';
import type { LambdaContext } from './call/incoming.ts';
import { type Operation, operationOf } from './call/operation.ts';
import { beginCall, type Outcome, runCall } from './call/run-call.ts';
import type { Scope } from './call/scope.ts';
import { readSettings } from './call/settings.ts';
import { createWorkContext, type ToolContext } from './call/tool-context.ts';
import {
  type Failure,
  failureOfErrorResult,
  failureOfInvalidInput,
  failureOfInvalidOutput,
  failureOfThrown,
  failureOfUnsendableResult,
} from './failure/failure.ts';
import type { ToolError } from './failure/tool-error.ts';
import { pickAllowedPaths, readStackFrames, rewriteFailure } from './privacy/privacy.ts';
import { redactText, truncate } from './privacy/redact.ts';
import { withRetries } from './retry/retry.ts';

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

/**
 * So many calls of a process are validated without compiling the schemas first: compiling takes milliseconds, and a
 * first call is late enough.
 */
const INTERPRETED_CALLS = 10;
const INTERPRETED = { jitless: true } as const;

const reply = (failure: Failure, correlation_id: string): ToolFailure => ({
  isError: true,
  code: failure.code,
  fault: failure.fault,
  message: truncate(redactText(failure.callerMessage ?? failure.message), LONGEST_TOLD),
  retryable: failure.retryable,
  correlation_id,
});

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** A tool's result in its final form, or why it is none. */
const judged = <Out extends z.ZodObject>(
  result: unknown,
  { output }: ToolFacts<z.ZodObject, Out>,
  hooks: ToolHooks<Out>,
  parsing: typeof INTERPRETED | undefined,
): Outcome<z.output<Out>> => {
  if (typeof result === 'object' && result !== null && (result as { isError?: unknown }).isError === true) {
    return { failure: failureOfErrorResult(result) };
  }
  const parsed = output.safeParse(result, parsing);
  if (!parsed.success) return { failure: failureOfInvalidOutput(parsed.error, output.shape) };
  const hidden = hooks.failureIn?.(parsed.data);
  return hidden ? { failure: failureOfThrown(hidden) } : { result: parsed.data };
};

/** Adds what is told of a call beside its fields: the allowed parts of arguments and result, and where it broke. */
const note = (scope: Scope, notes: Record<string, unknown>): void => {
  scope.extraMetadata = { ...scope.extraMetadata, ...notes };
};

/**
 * Defines a tool in two steps: first its facts, then its behaviour, whose arguments are typed by the input and whose
 * result is checked against the output. Importing a tool reads nothing and opens nothing; the environment is read by its
 * first call.
 */
export const defineTool = <In extends z.ZodObject, Out extends z.ZodObject, const Setting extends string = never>(
  facts: ToolFacts<In, Out> & { settings?: readonly Setting[] },
) => ({
  run(behaviour: Behaviour<In, Out, Setting>, hooks: ToolHooks<Out> = {}): Tool<In, Out> {
    const { name, provider, gptName, capture } = facts;
    const declared = new Set([...Object.keys(facts.input.shape), ...Object.keys(facts.output.shape), name]);
    const attempts = facts.readOnly || facts.idempotent ? (facts.retry?.attempts ?? 1) : 1;
    const limitMs = facts.timeoutSeconds * 1_000;
    let site: Operation | undefined;
    let calls = 0;
    // A starting environment has a whole processor, a running one of 256 MiB a seventh of it: what a schema works out when
    // it is first used is worked out here, not in the first call.
    facts.input.safeParse({}, INTERPRETED);
    facts.output.safeParse({}, INTERPRETED);

    const work = async (event: unknown, scope: Scope): Promise<Outcome<z.output<Out>>> => {
      scope.requestBytes = bytesOf(event);
      calls += 1;
      const parsing = calls <= INTERPRETED_CALLS ? INTERPRETED : undefined;
      const args = facts.input.safeParse(event, parsing);
      if (!args.success) return { failure: failureOfInvalidInput(args.error, facts.input.shape) };
      if (capture?.input) note(scope, { input: pickAllowedPaths(args.data, capture.input) });
      const context: ToolContext<Setting> = Object.defineProperty(createWorkContext(scope), 'settings', {
        value: readSettings<Setting>(facts.settings),
      }) as ToolContext<Setting>;
      const outcome = await withRetries<z.output<Out>>(scope, { provider, attempts }, async () => {
        try {
          return judged(await behaviour(args.data, context), facts, hooks, parsing);
        } catch (thrown) {
          return { failure: failureOfThrown(thrown, provider) };
        }
      });
      if (outcome.failure) return outcome;
      try {
        scope.responseBytes = bytesOf(outcome.result);
      } catch {
        return { failure: failureOfUnsendableResult() };
      }
      if (capture?.output) note(scope, { output: pickAllowedPaths(outcome.result, capture.output) });
      return outcome;
    };

    const handle = async (event: unknown, lambda: LambdaContext = {}): Promise<z.output<Out> | ToolFailure> => {
      site ??= operationOf({ kind: 'tool', name, slowMs: facts.alarms.p95Ms ?? P95_MS, provider, gptName });
      const scope = beginCall(site, lambda);
      const outcome = await runCall(
        scope,
        limitMs,
        () => work(event, scope),
        (failure) => {
          if (failure.stack) note(scope, { stack: readStackFrames(failure.stack) });
          return rewriteFailure(failure, event, declared);
        },
      );
      return outcome.failure ? reply(outcome.failure, scope.incoming.call.correlation_id) : outcome.result;
    };

    return Object.assign(handle, { facts });
  },
});
