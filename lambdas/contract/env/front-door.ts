import * as z from 'zod';
import { REQUEST_LINES } from '../vocabulary.ts';
import { userHashKey } from './every-function.ts';

/** `on`: each call belongs to a tenant, which sees only its own calls. `off`: all calls belong to the operator. */
export const tenants = z.enum(['on', 'off']);

/** For functions that answer requests: how to identify the sender. */
export const frontDoor = {
  TOOLWATCH_TENANTS: tenants,
  /** Set when the front door verifies a JWT of this issuer first; then only the JWT identifies the caller. */
  JWT_ISSUER: z.string().optional(),
  JWT_TENANT_CLAIM: z.string().optional(),
  /** A token with this scope belongs to the operator and to no tenant. */
  JWT_OPERATOR_SCOPE: z.string().optional(),
  /** A token with this scope reads `/metrics` and nothing else. */
  JWT_METRICS_SCOPE: z.string().optional(),
  /** The claim whose groups say which people are operators, and of which tenant all others are. */
  JWT_GROUPS_CLAIM: z.string().optional(),
  /** The claim that names the GPT or agent that calls. */
  SOURCE_GPT_CLAIM: z.string().optional(),
};

/** For functions that write a line for each request they answer. */
export const requestWriter = {
  ...userHashKey,
  /** Which requests have a line. */
  REQUEST_LINES: z.enum(REQUEST_LINES).default('all'),
  /** `on` when the addresses of clients are recorded. */
  RECORD_IP: z.literal('on').optional(),
};

export type FrontDoorEnv = z.infer<z.ZodObject<typeof frontDoor>>;
