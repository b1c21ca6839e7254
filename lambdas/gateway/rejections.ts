import * as z from 'zod';

/** A request, or a message in it, that was answered by a protocol error. */
export interface Rejection {
  status: number;
  /** JSON-RPC's; absent when the answer was no JSON-RPC. */
  rpcCode?: number;
  message: string;
}

const rpcError = z.object({
  id: z.union([z.string(), z.number(), z.null()]).default(null),
  error: z.object({ code: z.number(), message: z.string() }),
});

/** JSON-RPC's "internal error". */
const INTERNAL = -32_603;

/** True when a request that is right could have met this. */
export const isOurs = ({ status, rpcCode }: Rejection): boolean => status >= 500 || rpcCode === INTERNAL;

/** The messages of an answer: one JSON document, or one for each event of a stream. */
const messagesIn = (body: string, isStream: boolean): unknown[] => {
  const documents = isStream ? [...body.matchAll(/^data: ?(.+)$/gm)].map((match) => match[1] ?? '') : [body];
  return documents.flatMap((document) => {
    try {
      return JSON.parse(document);
    } catch {
      return [];
    }
  });
};

/** The protocol errors in an answer whose body has been read, but for those of messages that `toldAlready`. */
export const rejectionsIn = (response: Response, body: string, toldAlready: ReadonlySet<unknown>): Rejection[] => {
  const { status } = response;
  // Nearly every answer is a success, and may be large.
  if (status < 400 && !body.includes('"error"')) return [];
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const errors = messagesIn(body, isStream).flatMap((message) => rpcError.safeParse(message).data ?? []);
  if (status >= 400 && errors.length === 0) return [{ status, message: response.statusText || body.slice(0, 200) }];
  return errors
    .filter(({ id }) => !toldAlready.has(id))
    .map(({ error }) => ({ status, rpcCode: error.code, message: error.message }));
};
