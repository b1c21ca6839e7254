import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';

/** A request, or a message in it, that was answered with a protocol error. */
export interface Rejection {
  status: number;
  /** JSON-RPC's error code; absent when the answer was not JSON-RPC. */
  rpcCode?: number;
  message: string;
}

const rpcError = z.object({
  id: z.union([z.string(), z.number(), z.null()]).default(null),
  error: z.object({ code: z.number(), message: z.string() }),
});

/** JSON-RPC's "internal error". */
const INTERNAL = -32_603;

/** True when a correct request could have been rejected this way. */
export const isOurFault = ({ status, rpcCode }: Rejection): boolean => status >= 500 || rpcCode === INTERNAL;

/** The JSON documents of an answer: one, or one for each event of a stream. */
const documentsIn = (body: string, isStream: boolean): string[] =>
  isStream ? [...body.matchAll(/^data: ?(.+)$/gm)].map((match) => match[1] ?? '') : [body];

const errorsIn = (document: string): z.output<typeof rpcError>[] => {
  const parsed = parseJson(document);
  // A batch is answered by an array of messages.
  const messages: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return messages.flatMap((message) => rpcError.safeParse(message).data ?? []);
};

/**
 * The protocol errors in an answer whose body has been read, without those of messages whose ids are in `recordedIds`.
 */
export const rejectionsIn = (response: Response, body: string, recordedIds: ReadonlySet<unknown>): Rejection[] => {
  const { status } = response;
  // Nearly every answer is a success, and may be large.
  if (status < 400 && !body.includes('"error"')) return [];
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const errors = documentsIn(body, isStream).flatMap(errorsIn);
  if (status >= 400 && errors.length === 0) return [{ status, message: response.statusText || body.slice(0, 200) }];
  return errors
    .filter(({ id }) => !recordedIds.has(id))
    .map(({ error }) => ({ status, rpcCode: error.code, message: error.message }));
};
