import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';

/** A request, or a message in it, that was answered with a protocol error. */
export interface Rejection {
  status: number;
  /** JSON-RPC's error code; absent when the answer was not JSON-RPC. */
  rpcCode?: number;
  /**
   * The reason in fixed words. Models read the records of failures, so nothing that a client wrote may stand in it,
   * as it may in the answer itself.
   */
  message: string;
  /** `ours` only where our own code failed; otherwise the request was at fault. */
  fault: 'caller' | 'ours';
}

/** Codes of JSON-RPC, and those that MCP adds. */
export const RPC_CODES = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internalError: -32_603,
  serverError: -32_000,
  unauthorized: -32_001,
  headersDisagree: -32_020,
  unsupportedVersion: -32_022,
} as const;

export const OWN_FAILURE = 'The gateway failed because of an internal error, which has been recorded';

const REASONS: Readonly<Record<number, string>> = {
  [RPC_CODES.parseError]: 'The body is not JSON',
  [RPC_CODES.invalidRequest]: 'The body is not a JSON-RPC message of MCP',
  [RPC_CODES.methodNotFound]: 'The method is not supported',
  [RPC_CODES.invalidParams]: 'The parameters of the method are not valid',
  [RPC_CODES.internalError]: OWN_FAILURE,
  [RPC_CODES.headersDisagree]: 'The headers and the body of the message disagree',
  [RPC_CODES.unsupportedVersion]: 'The protocol version is not supported',
};
const OTHER_REASON = 'The request does not follow the protocol';

const rpcError = z.object({
  id: z.union([z.string(), z.number(), z.null()]).default(null),
  error: z.object({ code: z.number() }),
});

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
 * The protocol errors in an answer of the MCP server whose body has been read, without those of messages whose ids are
 * in `recordedIds`. What reaches the server is well-formed, so an internal error of it is ours.
 */
export const rejectionsIn = (response: Response, body: string, recordedIds: ReadonlySet<unknown>): Rejection[] => {
  const { status } = response;
  // Nearly every answer is a success, and may be large.
  if (status < 400 && !body.includes('"error"')) return [];
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const errors = documentsIn(body, isStream).flatMap(errorsIn);
  if (status >= 400 && errors.length === 0) {
    return [{ status, message: OTHER_REASON, fault: status >= 500 ? 'ours' : 'caller' }];
  }
  return errors
    .filter(({ id }) => !recordedIds.has(id))
    .map(({ error: { code } }) => ({
      status,
      rpcCode: code,
      message: REASONS[code] ?? OTHER_REASON,
      fault: code === RPC_CODES.internalError || status >= 500 ? 'ours' : 'caller',
    }));
};
