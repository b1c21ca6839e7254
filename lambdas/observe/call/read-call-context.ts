import type { CallContext } from '../../contract/call-context.ts';
import { DAY_MS, HOUR_MS } from '../../contract/durations.ts';
import { timeOfUuidV7 } from '../line/uuid.ts';

/** An event id from further in the past or the future comes from a wrong clock and is ignored. In milliseconds. */
const MAX_AGE_MS = DAY_MS;
const MAX_AHEAD_MS = HOUR_MS;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;
const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

const SHORT_TEXT_KEYS = [
  'tenant_id',
  'user_id',
  'session_id',
  'source_gpt',
  'client_name',
  'client_version',
  'user_agent',
] as const;

const isText = (value: unknown, maxLength: number, minLength = 1): value is string =>
  typeof value === 'string' && value.length >= minLength && value.length <= maxLength;

/**
 * The well-formed fields of a call context: everything that the contract's schema accepts, and the valid fields of what
 * it rejects, because telemetry is no reason to reject a call. Written out, because validating with the schema costs
 * each tool's cold start more than the rest of the wrapper. An unusable `event_id` or `correlation_id` is omitted.
 */
export const readCallContext = (sent: unknown, nowMs: number): Partial<CallContext> => {
  if (typeof sent !== 'object' || sent === null) return {};
  const fields = sent as Record<string, unknown>;
  const call: Partial<CallContext> = {};
  const id = fields.event_id;
  if (typeof id === 'string' && UUID_V7.test(id)) {
    const age = nowMs - timeOfUuidV7(id);
    if (age <= MAX_AGE_MS && age >= -MAX_AHEAD_MS) call.event_id = id;
  }
  if (isText(fields.correlation_id, 256)) call.correlation_id = fields.correlation_id;
  if (isText(fields.traceparent, 64, 0)) call.traceparent = fields.traceparent;
  if (isText(fields.tracestate, 512, 0)) call.tracestate = fields.tracestate;
  if (typeof fields.parent_id === 'string' && UUID.test(fields.parent_id)) call.parent_id = fields.parent_id;
  for (const key of SHORT_TEXT_KEYS) {
    const value = fields[key];
    if (isText(value, 256)) call[key] = value;
  }
  return call;
};
