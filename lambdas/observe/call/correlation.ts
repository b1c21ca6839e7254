import { redactText } from '../privacy/redact.ts';

/** Which thread a call belongs to, as far as whoever called said so. */
export interface TraceContext {
  correlation_id?: string;
  traceparent?: string;
  tracestate?: string;
}

/** A W3C trace context, taken apart. */
export interface Trace {
  trace_id: string;
  flags: string;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const WELL_FORMED_ID = /^[\w.:/+=-]{1,128}$/;
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(?:-|$)/;
const XRAY_ROOT = /Root=1-([\da-f]{8})-([\da-f]{24})/;

/** True for an id that may travel and be written: plain characters, and nothing that looks like a secret. */
export const isWellFormedId = (id: unknown): id is string =>
  typeof id === 'string' && (UUID.test(id) || (WELL_FORMED_ID.test(id) && redactText(id) === id));

/** Undefined when `traceparent` is none. */
export const parseTraceparent = (traceparent: unknown): Trace | undefined => {
  const match = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : undefined;
  return match?.[1] && match[2] ? { trace_id: match[1], flags: match[2] } : undefined;
};

/** The trace id X-Ray gave this invocation, in W3C's form; undefined outside of Lambda. */
export const readXrayTraceId = (): string | undefined => {
  const match = XRAY_ROOT.exec(process.env._X_AMZN_TRACE_ID ?? '');
  return match ? `${match[1]}${match[2]}` : undefined;
};

type Headers = Record<string, string | undefined> | { get(name: string): string | null };

const header = (headers: Headers, name: string): string | undefined => {
  if (typeof headers.get === 'function') return headers.get(name) ?? undefined;
  const all = headers as Record<string, string | undefined>;
  return all[name] ?? Object.entries(all).find(([key]) => key.toLowerCase() === name)?.[1];
};

/**
 * The thread a request names: trace context from MCP's `_meta`, else from headers; the correlation id from
 * `x-correlation-id`, else from `x-request-id`. What is not well-formed counts as not sent.
 */
export const traceContextOf = (headers: Headers = {}, meta: Record<string, unknown> = {}): TraceContext => {
  const traceparent = parseTraceparent(meta.traceparent) ? meta.traceparent : header(headers, 'traceparent');
  const tracestate = parseTraceparent(meta.traceparent) ? meta.tracestate : header(headers, 'tracestate');
  const correlation_id = [header(headers, 'x-correlation-id'), header(headers, 'x-request-id')].find(isWellFormedId);
  return {
    ...(correlation_id && { correlation_id }),
    ...(typeof traceparent === 'string' && parseTraceparent(traceparent) && { traceparent }),
    ...(typeof tracestate === 'string' &&
      /^[\x20-\x7e]{1,512}$/.test(tracestate) &&
      parseTraceparent(traceparent) && { tracestate }),
  };
};
