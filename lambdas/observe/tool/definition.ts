import type * as z from 'zod';
import { countsProvider, p95MsOf, type ToolFacts } from '../../contract/tool-facts.ts';
import { type Operation, operationOf } from '../call/operation.ts';
import type { RetryFacts } from '../retry/retry.ts';
import type { Behaviour, NamingFacts, ToolHooks } from './behaviour.ts';

/** A tool's facts and behaviour, and what all of its calls in this process share. */
export interface Definition<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
> {
  readonly facts: NamingFacts<In, Out, Setting, Secret>;
  readonly behaviour: Behaviour<In, Out, Setting, Secret>;
  readonly hooks: ToolHooks<Out>;
  /**
   * Names that the tool itself uses; an error message may contain them although they are also keys of the arguments.
   */
  readonly declaredNames: ReadonlySet<string>;
  readonly retry: RetryFacts;
  readonly timeLimitMs: number;
  operation: Operation | undefined;
  calls: number;
}

/**
 * This many calls of a process validate without compiling the schemas: compiling takes milliseconds, and the first
 * calls of a process are slow already.
 */
const INTERPRETED_CALLS = 10;
const INTERPRETED = { jitless: true } as const;

/** How the current call validates arguments and result. */
export function parsingOptionsOf({ calls }: { readonly calls: number }): typeof INTERPRETED | undefined {
  return calls <= INTERPRETED_CALLS ? INTERPRETED : undefined;
}

/** Creates a definition. It reads nothing from the environment. */
export function createDefinition<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(
  facts: NamingFacts<In, Out, Setting, Secret>,
  behaviour: Behaviour<In, Out, Setting, Secret>,
  hooks: ToolHooks<Out>,
): Definition<In, Out, Setting, Secret> {
  const { name, input, output, provider, readOnly, idempotent, retry, timeoutSeconds } = facts;
  // A starting environment has a whole processor and a running one of 256 MiB a seventh of it, so whatever a schema
  // computes on first use is computed here and not in the first call.
  input.safeParse({}, INTERPRETED);
  output.safeParse({}, INTERPRETED);
  return {
    facts,
    behaviour,
    hooks,
    declaredNames: new Set([...Object.keys(input.shape), ...Object.keys(output.shape), name]),
    retry: { provider, maxAttempts: readOnly || idempotent ? (retry?.attempts ?? 1) : 1 },
    timeLimitMs: timeoutSeconds * 1_000,
    operation: undefined,
    calls: 0,
  };
}

function createOperation(facts: ToolFacts): Operation {
  const { name, provider, gptName, domain } = facts;
  return operationOf({
    kind: 'tool',
    name,
    slowMs: p95MsOf(facts),
    provider,
    gptName,
    domain,
    countsProvider: countsProvider(facts),
  });
}

/** The tool's operation, created by the first call because that reads the environment. */
export function findOperation<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(tool: Definition<In, Out, Setting, Secret>): Operation {
  tool.operation ??= createOperation(tool.facts);
  return tool.operation;
}
