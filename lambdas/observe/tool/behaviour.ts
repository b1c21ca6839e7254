import type * as z from 'zod';
import type { ToolFacts } from '../../contract/tool-facts.ts';
import type { ToolContext } from '../call/tool-context.ts';
import type { ToolError } from '../failure/tool-error.ts';

/** A result that marks itself as a failure: in MCP's own format, or another tool's failure that is passed on. */
export interface ErrorResult {
  isError: true;
  [key: string]: unknown;
}

export interface ToolHooks<Out extends z.ZodObject> {
  /** Finds a failure in a result that looks like a success. */
  failureIn?(result: z.output<Out>): ToolError | undefined;
}

/** What a tool does with its arguments. */
export type Behaviour<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
> = (
  args: z.output<In>,
  context: ToolContext<Setting, Secret>,
) => Promise<z.input<Out> | ErrorResult> | z.input<Out> | ErrorResult;

/** A tool's facts with the names of its settings and secrets as literal types. */
export type NamingFacts<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
> = ToolFacts<In, Out> & { settings?: readonly Setting[]; secrets?: readonly Secret[] };
