import { SESSION_HANDLE_HEADER } from '../contract/client-context.ts';
import type { CatalogueEntry } from '../invoke/catalogue.ts';
import type { Exchange } from './exchange.ts';
import { headersOf } from './http.ts';

/** Where an answer goes while it comes into being. */
export interface AnswerSink {
  readonly hasBegun: boolean;
  begin(status: number, headers: Record<string, string>): void;
  /** Resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void>;
}

interface Message {
  method?: unknown;
  params?: { name?: unknown; _meta?: { progressToken?: unknown } };
}

/** True when a parsed body calls a tool that reports progress, for a client that asks for the reports. */
export const asksForProgress = (body: unknown, catalogue: readonly CatalogueEntry[]): boolean => {
  const messages = (Array.isArray(body) ? body : [body]).filter((message) => message !== null) as Message[];
  return messages.some(
    ({ method, params }) =>
      method === 'tools/call' &&
      params?._meta?.progressToken !== undefined &&
      catalogue.some(({ name, progress }) => progress && name === params.name),
  );
};

/**
 * Sends a stream of events on as it comes. Returns the body, which for any other kind of answer has been sent nowhere:
 * only a stream can be begun before its end is known.
 */
export const forward = async (response: Response, exchange: Exchange, sink: AnswerSink): Promise<string> => {
  const { status, headers, body } = response;
  if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  const { handle } = exchange.session;
  sink.begin(status, {
    ...headersOf(response, exchange.correlationId),
    ...(handle !== undefined && { [SESSION_HANDLE_HEADER]: handle }),
  });
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    parts.push(decoder.decode(bytes, { stream: true }));
    await sink.write(bytes);
  }
  return parts.join('') + decoder.decode();
};
