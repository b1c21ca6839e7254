import { parseJson } from '../parse-json.ts';
import type { JobsAnswers, JobsRequest, JobsRequestTo } from './store-requests.ts';

/** The answer of an invocation that was waited for. */
export interface InvocationAnswer {
  FunctionError?: string | undefined;
  Payload?: Uint8Array | undefined;
}

/** Asks the function `jobs`. Rejects when it, or the store, does not answer. */
export type AskJobs = <Do extends JobsRequest['do']>(request: JobsRequestTo<Do>) => Promise<JobsAnswers[Do]>;

/** By `invoke`, which sends a request to the function and waits for its answer. */
export const askJobsBy =
  (invoke: (payload: string) => Promise<InvocationAnswer>): AskJobs =>
  async <Do extends JobsRequest['do']>(request: JobsRequestTo<Do>) => {
    const { FunctionError, Payload } = await invoke(JSON.stringify(request));
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`The function jobs failed: ${text.slice(0, 500)}`);
    return parseJson(text) as JobsAnswers[Do];
  };
