import type { Kind } from '../../contract/vocabulary.ts';
import type { WorkContext } from '../call/tool-context.ts';
import { type ObserveOptions, observe } from '../observe.ts';
import { redactValue } from '../privacy/redact.ts';

/** How a wrapped function is observed, and what the log says of each of its calls. */
export interface WrapOptions extends ObserveOptions {
  /** True when the log shows the arguments of each call, redacted and bounded. The line never has them. */
  logInputs?: boolean;
  /** The same for its result. */
  logOutputs?: boolean;
  /** The level of these entries. Default `info`. */
  logLevel?: 'debug' | 'info' | 'warn';
}

type Work<Args extends unknown[], Result> = (...args: Args) => Promise<Result> | Result;

/** Logs values for who develops the function; an error of the logger never fails the call. */
const logValues = (
  { logger }: WorkContext,
  { logLevel = 'info' }: WrapOptions,
  message: string,
  values: object,
): void => {
  try {
    logger[logLevel](message, redactValue(values) as Record<string, string>);
  } catch {
    // What cannot be logged is not worth the call.
  }
};

const wrap =
  <Args extends unknown[], Result>(kind: Kind, name: string, work: Work<Args, Result>, options: WrapOptions) =>
  (...args: Args): Promise<Result> =>
    observe(
      kind as Exclude<Kind, 'tool'>,
      name,
      async (context) => {
        if (options.logInputs) logValues(context, options, `${name} begins`, { inputs: args });
        const result = await work(...args);
        if (options.logOutputs) logValues(context, options, `${name} ends`, { outputs: result });
        return result;
      },
      options,
    );

/** A function whose calls are each observed as a job, and logged with inputs and outputs where the options say so. */
export const logOperation = <Args extends unknown[], Result>(
  name: string,
  work: Work<Args, Result>,
  options: WrapOptions = {},
): ((...args: Args) => Promise<Result>) => wrap('job', name, work, options);

/** The same for a function that is a tool, such as one of an MCP server that runs elsewhere. */
export const observeTool = <Args extends unknown[], Result>(
  name: string,
  work: Work<Args, Result>,
  options: WrapOptions = {},
): ((...args: Args) => Promise<Result>) => wrap('tool', name, work, options);
