import type { Kind } from '../../contract/vocabulary.ts';
import type { WorkContext } from '../call/tool-context.ts';
import { countDropped } from '../line/stdout.ts';
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

type Work<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Promise<Result> | Result;
/** It is called as before, also as a method, and its result is always a promise. */
type Wrapped<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Promise<Result>;

/** Logs values for who develops the function; an error of the logger never fails the call. */
function logValues({ logger }: WorkContext, { logLevel = 'info' }: WrapOptions, message: string, values: object): void {
  try {
    logger[logLevel](message, redactValue(values) as Record<string, string>);
  } catch {
    countDropped();
  }
}

function wrap<This, Args extends unknown[], Result>(
  kind: Kind,
  name: string,
  work: Work<This, Args, Result>,
  options: WrapOptions,
): Wrapped<This, Args, Result> {
  return async function (...args) {
    return observe(
      kind as Exclude<Kind, 'tool'>,
      name,
      async (context) => {
        if (options.logInputs) logValues(context, options, `${name} begins`, { inputs: args });
        const result = await work.apply(this, args);
        if (options.logOutputs) logValues(context, options, `${name} ends`, { outputs: result });
        return result;
      },
      options,
    );
  };
}

/** A function whose calls are each observed as a job, and logged with inputs and outputs where the options say so. */
export function logOperation<This, Args extends unknown[], Result>(
  name: string,
  work: Work<This, Args, Result>,
  options: WrapOptions = {},
) {
  return wrap('job', name, work, options);
}

/** The same for a function that is a tool, such as one of an MCP server that runs elsewhere. */
export function observeTool<This, Args extends unknown[], Result>(
  name: string,
  work: Work<This, Args, Result>,
  options: WrapOptions = {},
) {
  return wrap('tool', name, work, options);
}

/** The durations above which a call is a warning, and an error, in the log: in milliseconds. */
export interface PerformanceThresholds {
  warningMs?: number;
  criticalMs?: number;
}

/** The same for a function of which only the duration matters: slower calls are warnings or errors in the log. */
export function measurePerformance<This, Args extends unknown[], Result>(
  name: string,
  work: Work<This, Args, Result>,
  { warningMs, criticalMs, ...options }: PerformanceThresholds & Omit<WrapOptions, 'slowMs' | 'criticalMs'> = {},
) {
  return wrap('job', name, work, {
    ...options,
    ...(warningMs !== undefined && { slowMs: warningMs }),
    ...(criticalMs !== undefined && { criticalMs }),
  });
}

/** The same for a function that queries a database: `operation` is what it does, such as `select_orders`. */
export function trackDatabaseOperation<This, Args extends unknown[], Result>(
  operation: string,
  work: Work<This, Args, Result>,
  options: WrapOptions = {},
) {
  return wrap('query', operation, work, options);
}
