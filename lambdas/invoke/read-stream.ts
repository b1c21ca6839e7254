import type { InvokeWithResponseStreamResponseEvent } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';
import type { Progress } from '../contract/progress.ts';

/** What a function's stream ended with: its reply as JSON, or Lambda's report of how it failed. */
export interface StreamEnd {
  payload: string;
  hasFailed: boolean;
}

const progressLine = z.object({ progress: z.number(), total: z.number().optional(), message: z.string().optional() });

/** Lambda's report of a failure, as `Invoke` returns it: in its details, or only its code. */
const toReport = (code: string, details: string | undefined): string => {
  const report = z.object({ errorType: z.string() }).safeParse(parseJson(details ?? ''));
  return report.success && details ? details : JSON.stringify({ errorType: code, errorMessage: details });
};

/**
 * Reads a function's stream to its end: lines of progress, and then the reply. A function that does not stream sends its
 * reply alone.
 */
export const readStream = async (
  events: AsyncIterable<InvokeWithResponseStreamResponseEvent>,
  onProgress: (progress: Progress) => Promise<void>,
): Promise<StreamEnd> => {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  const take = async (text: string): Promise<void> => {
    const [first = '', ...more] = text.split('\n');
    rest.push(first);
    for (const part of more) {
      const progress = progressLine.safeParse(parseJson(rest.join('')));
      if (progress.success) await onProgress(progress.data as Progress);
      rest = [part];
    }
  };
  for await (const { PayloadChunk, InvokeComplete } of events) {
    if (PayloadChunk?.Payload) await take(decoder.decode(PayloadChunk.Payload, { stream: true }));
    const { ErrorCode, ErrorDetails } = InvokeComplete ?? {};
    if (ErrorCode) return { payload: toReport(ErrorCode, ErrorDetails), hasFailed: true };
  }
  await take(decoder.decode());
  return { payload: rest.join(''), hasFailed: false };
};
