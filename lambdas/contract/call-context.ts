import * as z from 'zod';
import { DEBUG_FLAG_LIMIT, REFUSED_CLAIMS, type RefusedClaim, UNVERIFIED_LABELS } from './client-context.ts';
import { isKey, TEXT_LIMIT_BYTES } from './limits.ts';
import { EVERY_TENANT, NO_TENANT } from './vocabulary.ts';

export { AGENTCORE_KEYS, AGENTCORE_NAME_SEPARATOR, CALL_CONTEXT_KEY, CLIENT_CONTEXT_LIMIT } from './client-context.ts';

/** Every text of a record has this limit; the reader cuts what is longer, and shortens ids to a key. */
const short = z.string().min(1).max(TEXT_LIMIT_BYTES);

const isOwnTenant = (tenant: string): boolean => isKey(tenant) && tenant !== NO_TENANT && tenant !== EVERY_TENANT;

/**
 * What the gateway sends to a tool about a call besides its arguments. It travels as one JSON string in
 * `clientContext.custom`, next to the keys of AgentCore Gateway's Lambda contract, so a tool works behind both.
 */
export const callContext = z.object({
  /**
   * UUID v7 whose time is `started_at`. The gateway creates it, so that it can write the line if the tool's process
   * is killed.
   */
  event_id: z.uuidv7(),
  correlation_id: short,
  traceparent: z.string().max(64).optional(),
  tracestate: z.string().max(512).optional(),
  parent_id: z.uuid().optional(),
  /** The `event_id` of the call that this one repeats because a person requested it. */
  replay_of: z.uuid().optional(),
  /** The same for every attempt of one job, so that its effect happens once. */
  idempotency_key: short.optional(),
  tenant_id: z.string().refine(isOwnTenant, 'not a tenant that somebody may have').optional(),
  user_id: short.optional(),
  session_id: short.optional(),
  source_gpt: short.optional(),
  client_name: short.optional(),
  client_version: short.optional(),
  user_agent: short.optional(),
  /** Signed: lets the call, and those that it makes, log at DEBUG. */
  debug_flag: z.string().max(DEBUG_FLAG_LIMIT).optional(),
  /** Which of the labels come from a token that nothing verified. */
  unverified: z.array(z.enum(UNVERIFIED_LABELS)).optional(),
  /** What the request claimed and was refused. */
  refused: z.array(z.enum(Object.keys(REFUSED_CLAIMS) as RefusedClaim[])).optional(),
});
export type CallContext = z.infer<typeof callContext>;
