import type { CallContext } from '../../contract/call-context.ts';
import { timeOfUuidV7 } from '../line/uuid.ts';

/** A call handed over earlier or later than this by the clock of whoever did is no clock to believe. In milliseconds. */
const OLDEST_MS = 86_400_000;
const NEWEST_MS = 3_600_000;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;
const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

const SHORT = [
  'tenant_id',
  'user_id',
  'session_id',
  'source_gpt',
  'client_name',
  'client_version',
  'user_agent',
] as const;

const isText = (value: unknown, longest: number, shortest = 1): value is string =>
  typeof value === 'string' && value.length >= shortest && value.length <= longest;

/**
 * What is well-formed of a call context. It agrees with the contract's schema wherever that accepts, and keeps what it
 * can where that refuses: telemetry is no reason to refuse a call. Written out, because validating with the schema costs
 * each tool's cold start more than the rest of the wrapper. `event_id` and `correlation_id` are missing when unusable.
 */
export const readCallContext = (sent: unknown, nowMs: number): Partial<CallContext> => {
  if (typeof sent !== 'object' || sent === null) return {};
  const from = sent as Record<string, unknown>;
  const call: Partial<CallContext> = {};
  const id = from.event_id;
  if (typeof id === 'string' && UUID_V7.test(id)) {
    const age = nowMs - timeOfUuidV7(id);
    if (age <= OLDEST_MS && age >= -NEWEST_MS) call.event_id = id;
  }
  if (isText(from.correlation_id, 256)) call.correlation_id = from.correlation_id;
  if (isText(from.traceparent, 64, 0)) call.traceparent = from.traceparent;
  if (isText(from.tracestate, 512, 0)) call.tracestate = from.tracestate;
  if (typeof from.parent_id === 'string' && UUID.test(from.parent_id)) call.parent_id = from.parent_id;
  for (const key of SHORT) {
    const value = from[key];
    if (isText(value, 256)) call[key] = value;
  }
  return call;
};
