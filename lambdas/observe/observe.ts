import type { Kind } from '../contract/invocation.ts';
import { failureOfThrown } from './failure.ts';
import { type Outcome, runCall } from './run-call.ts';
import { type Site, siteOf } from './site.ts';

const sites = new Map<string, Site>();

/** Runs `work` and writes its record, whatever becomes of it. Gives its result, or throws what it threw. */
export const observe = async <Result>(
  kind: Exclude<Kind, 'tool'>,
  name: string,
  work: () => Promise<Result> | Result,
): Promise<Result> => {
  const key = `${kind}/${name}`;
  const site = sites.get(key) ?? siteOf({ kind, name, counted: key });
  sites.set(key, site);
  let thrown: unknown;
  const { outcome } = await runCall<Result>(site, undefined, undefined, async (): Promise<Outcome<Result>> => {
    try {
      return { result: await work() };
    } catch (error) {
      thrown = error;
      return { failure: failureOfThrown(error, name) };
    }
  });
  if (outcome.failure) throw thrown;
  return outcome.result;
};
