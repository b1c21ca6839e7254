import { gzipSync } from 'node:zlib';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { SECOND_MS } from '../contract/durations.ts';

/** How many spans are in one request, at most: some receivers take no more than 4 MB. */
export const SPANS_PER_REQUEST = 500;
const PROTOBUF = 'application/x-protobuf';
const TIMEOUT_MS = 10 * SECOND_MS;

export interface SpanReceiver {
  /** Where traces are taken by OTLP over HTTP, such as `https://otlp.example.com/v1/traces`. */
  readonly endpoint: string;
  /** What it needs beside the type of the content: who sends. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SpansSent {
  readonly sent: number;
  /** The receiver took the request and not these. They would be refused again, so they are not sent again. */
  readonly refused: number;
  /** Why, in the receiver's words. */
  readonly reason?: string;
}

/** What a receiver says that takes a request and not all of it. Some answer in another format, and so say nothing. */
const readPartialSuccess = async (response: Response): Promise<{ refused: number; reason?: string }> => {
  const body = new Uint8Array(await response.arrayBuffer());
  if (response.headers.get('content-type') !== PROTOBUF) return { refused: 0 };
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(body);
  const refused = Number(partialSuccess?.rejectedSpans ?? 0);
  const reason = partialSuccess?.errorMessage;
  return { refused, ...(reason && { reason }) };
};

/** https://opentelemetry.io/docs/specs/otlp/#otlphttp-request: Protobuf, which every receiver takes. */
const sendRequest = async ({ endpoint, headers }: SpanReceiver, spans: ReadableSpan[]): Promise<SpansSent> => {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...headers, 'content-type': PROTOBUF, 'content-encoding': 'gzip' },
    body: gzipSync(ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array()),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The receiver of spans answered ${response.status}`);
  }
  const { refused, reason } = await readPartialSuccess(response);
  return { sent: spans.length - refused, refused, ...(reason !== undefined && { reason }) };
};

/**
 * Sends spans, several requests of them one after the other. Throws when the receiver does not take a request: then all
 * of them are to be sent again. Sending a span twice changes nothing, because it has the same ids.
 */
export const sendSpans = async (receiver: SpanReceiver, spans: readonly ReadableSpan[]): Promise<SpansSent> => {
  let total: SpansSent = { sent: 0, refused: 0 };
  for (let at = 0; at < spans.length; at += SPANS_PER_REQUEST) {
    const { sent, refused, reason } = await sendRequest(receiver, spans.slice(at, at + SPANS_PER_REQUEST));
    total = {
      ...total,
      sent: total.sent + sent,
      refused: total.refused + refused,
      ...(reason !== undefined && { reason }),
    };
  }
  return total;
};
