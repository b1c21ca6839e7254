import { toPlainId } from '../line/caller-text.ts';
import { readEntries, readProperty } from './read-safely.ts';

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

/**
 * An id that a client sent, as it may be forwarded and written; undefined when it is malformed. One that looks like a
 * secret becomes a hash, which still connects the calls that have it.
 */
function toCorrelationId(id: unknown): string | undefined {
  return typeof id === 'string' && WELL_FORMED_ID.test(id) ? toPlainId(id) : undefined;
}

/** The parts of a W3C `traceparent`; undefined when it is not valid. */
export function parseTraceparent(traceparent: unknown): Trace | undefined {
  const match = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : undefined;
  return match?.[1] && match[2] ? { trace_id: match[1], flags: match[2] } : undefined;
}

/** X-Ray's trace id of this invocation in W3C's format; undefined outside Lambda. */
export function readXrayTraceId(): string | undefined {
  const match = XRAY_ROOT.exec(process.env._X_AMZN_TRACE_ID ?? '');
  return match ? `${match[1]}${match[2]}` : undefined;
}

/** True for the platform's own `Headers`, without naming it: its first use loads all of Node's fetch. */
function isHeaders(headers: unknown): headers is Pick<Headers, 'get'> {
  return typeof readProperty(headers, 'get') === 'function';
}

/** A header by its name in lower case, from `Headers` or from what Lambda sends: texts, or lists of texts. */
function readHeader(headers: unknown, name: string): unknown {
  if (isHeaders(headers)) return headers.get(name) ?? undefined;
  const value = readProperty(headers, name) ?? readEntries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * The trace context of a request: `traceparent` and `tracestate` from MCP's `_meta`, else from the headers; the
 * correlation id from `x-correlation-id`, else from `x-request-id`. Malformed values are ignored.
 */
export function traceContextOf(headers: unknown, meta: Record<string, unknown> = {}): TraceContext {
  const isInMeta = parseTraceparent(meta.traceparent) !== undefined;
  const traceparent = isInMeta ? meta.traceparent : readHeader(headers, 'traceparent');
  const tracestate = isInMeta ? meta.tracestate : readHeader(headers, 'tracestate');
  const hasTrace = isInMeta || parseTraceparent(traceparent) !== undefined;
  const correlation_id =
    toCorrelationId(readHeader(headers, 'x-correlation-id')) ?? toCorrelationId(readHeader(headers, 'x-request-id'));
  return {
    ...(correlation_id && { correlation_id }),
    ...(typeof traceparent === 'string' && hasTrace && { traceparent }),
    ...(typeof tracestate === 'string' && /^[\x20-\x7e]{1,512}$/.test(tracestate) && hasTrace && { tracestate }),
  };
}
