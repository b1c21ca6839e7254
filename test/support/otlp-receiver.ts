import { gunzipSync } from 'node:zlib';
import { listen } from './http-server.ts';

/**
 * A receiver of OTLP over HTTP. It reads Protobuf by the field numbers of opentelemetry-proto 1.x and refuses, as
 * https://opentelemetry.io/docs/specs/otlp asks, what is not such a request: another method, path, type or encoding, ids
 * of another length or of zeros only, a span without a name or that ends before it begins.
 */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** SPAN_KIND_INTERNAL is 1, SERVER 2, CLIENT 3, PRODUCER 4, CONSUMER 5. */
  kind: number;
  start: bigint;
  end: bigint;
  /** STATUS_CODE_UNSET is 0, OK 1, ERROR 2. */
  status: { code: number; message: string };
  attributes: Record<string, string | number | boolean>;
  events: { name: string; attributes: Record<string, string | number | boolean> }[];
  resource: Record<string, string | number | boolean>;
}

type Field = number | bigint | Uint8Array;
type Message = ReadonlyMap<number, readonly Field[]>;

/** The fields of a Protobuf message by their numbers. https://protobuf.dev/programming-guides/encoding */
const readMessage = (bytes: Uint8Array): Message => {
  const fields = new Map<number, Field[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new Error('a varint that does not end');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Error('a field that is longer than its message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const read: Record<number, () => Field> = {
      0: varint,
      1: () => {
        take(8);
        return view.getBigUint64(at - 8, true);
      },
      2: () => take(Number(varint())),
      5: () => {
        take(4);
        return view.getUint32(at - 4, true);
      },
    };
    const value = read[tag & 7]?.();
    if (value === undefined) throw new Error(`the wire type ${tag & 7}`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
};

const bytesAt = (message: Message, field: number): Uint8Array => {
  const value = message.get(field)?.at(-1);
  return value instanceof Uint8Array ? value : new Uint8Array();
};
const messagesAt = (message: Message, field: number): Message[] =>
  (message.get(field) ?? []).map((value) => readMessage(value as Uint8Array));
const textAt = (message: Message, field: number): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(bytesAt(message, field));
const numberAt = (message: Message, field: number): bigint => BigInt((message.get(field)?.at(-1) as bigint) ?? 0n);

const readAttributes = (message: Message, field: number): Record<string, string | number | boolean> =>
  Object.fromEntries(
    messagesAt(message, field).map((pair) => {
      const value = readMessage(bytesAt(pair, 2));
      if (value.has(1)) return [textAt(pair, 1), textAt(value, 1)];
      if (value.has(2)) return [textAt(pair, 1), numberAt(value, 2) === 1n];
      if (value.has(3)) return [textAt(pair, 1), Number(BigInt.asIntN(64, numberAt(value, 3)))];
      if (!value.has(4)) throw new Error(`the attribute ${textAt(pair, 1)} has no value`);
      return [textAt(pair, 1), new Float64Array(new BigUint64Array([numberAt(value, 4)]).buffer)[0] as number];
    }),
  );

const idAt = (message: Message, field: number, bytes: number): string => {
  const id = Buffer.from(bytesAt(message, field)).toString('hex');
  if (!new RegExp(`^(?!0+$)[0-9a-f]{${bytes * 2}}$`).test(id)) throw new Error(`the id "${id}"`);
  return id;
};

const readSpan = (span: Message, resource: ReceivedSpan['resource']): ReceivedSpan => {
  const [status = new Map()] = messagesAt(span, 15);
  const read: ReceivedSpan = {
    traceId: idAt(span, 1, 16),
    spanId: idAt(span, 2, 8),
    parentSpanId: span.has(4) ? idAt(span, 4, 8) : '',
    name: textAt(span, 5),
    kind: Number(numberAt(span, 6)),
    start: numberAt(span, 7),
    end: numberAt(span, 8),
    status: { code: Number(numberAt(status, 3)), message: textAt(status, 2) },
    attributes: readAttributes(span, 9),
    events: messagesAt(span, 11).map((event) => ({ name: textAt(event, 2), attributes: readAttributes(event, 3) })),
    resource,
  };
  if (read.name === '' || read.kind === 0) throw new Error('a span without a name or a kind');
  if (read.start === 0n || read.end < read.start) throw new Error('a span that ends before it begins');
  return read;
};

/** The spans of an ExportTraceServiceRequest. Throws what a receiver would refuse. */
export const readSpans = (request: Uint8Array): ReceivedSpan[] =>
  messagesAt(readMessage(request), 1).flatMap((group) => {
    const [resource = new Map()] = messagesAt(group, 1);
    const attributes = readAttributes(resource, 1);
    return messagesAt(group, 2).flatMap((scope) => messagesAt(scope, 2).map((span) => readSpan(span, attributes)));
  });

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

/** Starts such a receiver. `answer` says what it answers to a request that it could read. */
export const startOtlpReceiver = async (answer: () => Answer = () => ({ status: 200 })) => {
  const requests: { headers: Record<string, unknown>; spans: ReceivedSpan[] }[] = [];
  const problems: string[] = [];
  const { url, close } = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, headers } = request;
      let reply: Answer;
      try {
        if (method !== 'POST' || request.url !== '/v1/traces') throw new Error(`${method} ${request.url}`);
        if (headers['content-type'] !== 'application/x-protobuf') throw new Error(`${headers['content-type']}`);
        const body = Buffer.concat(chunks);
        const spans = readSpans(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
        reply = answer();
        if (reply.status < 300) requests.push({ headers, spans });
      } catch (error) {
        problems.push(String(error));
        reply = { status: 400 };
      }
      response.writeHead(reply.status, { 'content-type': 'application/x-protobuf', ...reply.headers }).end(reply.body);
    });
  });
  return { endpoint: `${url}/v1/traces`, requests, problems, close };
};
