import type { CallContext } from '../../contract/call-context.ts';
import {
  DEBUG_FLAG_LIMIT,
  REFUSED_CLAIMS,
  type RefusedClaim,
  UNVERIFIED_LABELS,
} from '../../contract/client-context.ts';
import { DAY_MS, HOUR_MS } from '../../contract/durations.ts';
import { TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import { fitKey, fitTenant } from '../line/fit-text.ts';
import { timeOfUuidV7 } from '../line/uuid.ts';

/** An event id from further in the past or the future comes from a wrong clock and is ignored. In milliseconds. */
const MAX_AGE_MS = DAY_MS;
const MAX_AHEAD_MS = HOUR_MS;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;
const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

/** What identifies a caller or a call: shortened to a key where it is too long, so that nobody becomes somebody else or nobody. */
const ID_KEYS = ['user_id', 'session_id', 'correlation_id', 'idempotency_key'] as const;
const LABEL_KEYS = ['source_gpt', 'client_name', 'client_version', 'user_agent'] as const;

/** Those of the known words that a list holds, in their own order. */
function wordsIn<Word extends string>(list: unknown, words: readonly Word[]): Word[] {
  return words.filter((word) => Array.isArray(list) && list.includes(word));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
function isTextWithin(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength;
}

/**
 * The well-formed fields of a call context: everything that the contract's schema accepts, and the valid fields of what
 * it rejects, because telemetry is no reason to reject a call. Written out, because validating with the schema costs
 * each tool's cold start more than the rest of the wrapper. An unusable `event_id` or `correlation_id` is omitted.
 */
export function readCallContext(sent: unknown, nowMs: number): Partial<CallContext> {
  if (typeof sent !== 'object' || sent === null) return {};
  const fields = sent as Record<string, unknown>;
  const call: Partial<CallContext> = {};
  const id = fields.event_id;
  if (typeof id === 'string' && UUID_V7.test(id)) {
    const age = nowMs - timeOfUuidV7(id);
    if (age <= MAX_AGE_MS && age >= -MAX_AHEAD_MS) call.event_id = id;
  }
  if (isTextWithin(fields.traceparent, 64)) call.traceparent = fields.traceparent;
  if (isTextWithin(fields.tracestate, 512)) call.tracestate = fields.tracestate;
  if (isTextWithin(fields.debug_flag, DEBUG_FLAG_LIMIT)) call.debug_flag = fields.debug_flag;
  if (typeof fields.parent_id === 'string' && UUID.test(fields.parent_id)) call.parent_id = fields.parent_id;
  if (typeof fields.replay_of === 'string' && UUID.test(fields.replay_of)) call.replay_of = fields.replay_of;
  if (fields.unverified !== undefined) call.unverified = wordsIn(fields.unverified, UNVERIFIED_LABELS);
  if (fields.refused !== undefined) {
    call.refused = wordsIn(fields.refused, Object.keys(REFUSED_CLAIMS) as RefusedClaim[]);
  }
  const tenant = fields.tenant_id;
  if (tenant !== undefined && tenant !== null && tenant !== '') call.tenant_id = fitTenant(tenant);
  for (const key of ID_KEYS) {
    const value = fields[key];
    if (isText(value)) call[key] = value.length > TEXT_LIMIT_BYTES ? fitKey(value) : value;
  }
  for (const key of LABEL_KEYS) {
    const value = fields[key];
    if (isText(value)) call[key] = value.slice(0, TEXT_LIMIT_BYTES);
  }
  return call;
}
