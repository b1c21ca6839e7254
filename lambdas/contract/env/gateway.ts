import * as z from 'zod';
import { callWriter } from './every-function.ts';
import { frontDoor, requestWriter } from './front-door.ts';
import { words } from './values.ts';

export const gatewayEnv = z.object({
  ...callWriter,
  ...frontDoor,
  ...requestWriter,
  /** `on` when clients receive a signed handle that makes their calls one session. */
  SESSION_HANDLES: z.literal('on').optional(),
  /** `on` when a token that nothing verified may label calls. */
  UNVERIFIED_TOKENS: z.literal('on').optional(),
  /** A token must have at least one of these scopes. */
  JWT_SCOPES: words,
  /** The deployment's own domain name, in addition to the one AWS assigns. */
  FRONT_DOOR_DOMAIN: z.string().optional(),
  /** Origins of web pages that may call, in addition to the deployment's own page. */
  BROWSER_ORIGINS: words,
  /** The name of a tool's function is this prefix followed by the tool's name. */
  TOOL_FUNCTION_PREFIX: z.string().min(1),
});
export type GatewayEnv = z.infer<typeof gatewayEnv>;
