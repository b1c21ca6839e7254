import { isUuid } from '../line/uuid.ts';
import { redactText } from '../privacy/redact.ts';

/** The ids that connect a request to the requests before it, as its sender stated them. */
export interface TraceContext {
  correlation_id?: string;
  traceparent?: string;
  tracestate?: string;
}

/** The parts of a W3C `traceparent` that are used here. */
export interface Trace {
  trace_id: string;
  flags: string;
}

const WELL_FORMED_ID = /^[\w.:/+=-]{1,128}$/;
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(?:-|$)/;
const XRAY_ROOT = /Root=1-([\da-f]{8})-([\da-f]{24})/;

/** True for an id that may be forwarded and written: plain characters, and nothing that looks like a secret. */
export const isWellFormedId = (id: unknown): id is string =>
  typeof id === 'string' && (isUuid(id) || (WELL_FORMED_ID.test(id) && redactText(id) === id));

/** The parts of a W3C `traceparent`; undefined when it is not valid. */
export const parseTraceparent = (traceparent: unknown): Trace | undefined => {
  const match = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : undefined;
  return match?.[1] && match[2] ? { trace_id: match[1], flags: match[2] } : undefined;
};

/** X-Ray's trace id of this invocation in W3C's format; undefined outside Lambda. */
export const readXrayTraceId = (): string | undefined => {
  const match = XRAY_ROOT.exec(process.env._X_AMZN_TRACE_ID ?? '');
  return match ? `${match[1]}${match[2]}` : undefined;
};

type Headers = Record<string, string | undefined> | { get(name: string): string | null };

const readHeader = (headers: Headers, name: string): string | undefined => {
  if (typeof headers.get === 'function') return headers.get(name) ?? undefined;
  const values = headers as Record<string, string | undefined>;
  return values[name] ?? Object.entries(values).find(([key]) => key.toLowerCase() === name)?.[1];
};

/**
 * The trace context of a request: `traceparent` and `tracestate` from MCP's `_meta`, else from the headers; the
 * correlation id from `x-correlation-id`, else from `x-request-id`. Malformed values are ignored.
 */
export const traceContextOf = (headers: Headers = {}, meta: Record<string, unknown> = {}): TraceContext => {
  const isInMeta = parseTraceparent(meta.traceparent) !== undefined;
  const traceparent = isInMeta ? meta.traceparent : readHeader(headers, 'traceparent');
  const tracestate = isInMeta ? meta.tracestate : readHeader(headers, 'tracestate');
  const hasTrace = isInMeta || parseTraceparent(traceparent) !== undefined;
  const correlation_id = [readHeader(headers, 'x-correlation-id'), readHeader(headers, 'x-request-id')].find(
    isWellFormedId,
  );
  return {
    ...(correlation_id && { correlation_id }),
    ...(typeof traceparent === 'string' && hasTrace && { traceparent }),
    ...(typeof tracestate === 'string' && /^[\x20-\x7e]{1,512}$/.test(tracestate) && hasTrace && { tracestate }),
  };
};
