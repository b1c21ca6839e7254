import * as z from 'zod';
import { expectedComponents } from '../health/components.ts';
import { noticeLinks } from '../notice-links.ts';
import { pageSignIn } from '../sign-in.ts';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';
import { frontDoor, requestWriter } from './front-door.ts';
import { json, words } from './values.ts';

export const apiEnv = z.object({
  ...everyFunction,
  ...database,
  ...frontDoor,
  ...requestWriter,
  /** JSON: what /health reports beside the store. */
  HEALTH_EXPECTED: json(expectedComponents),
  /** The database role that changes what people may change. */
  DATABASE_EDITOR: z.string().min(1),
  /** The names of the channels for notices. */
  CHANNEL_NAMES: words,
  /** How often a job is tried; absent where nothing makes jobs. */
  JOB_ATTEMPTS: z.coerce.number().int().min(1).optional(),
  /** JSON: where the lines of calls can be looked at. */
  CALL_LOG_PAGE: json(noticeLinks.pick({ cloudWatch: true, callLog: true })).optional(),
  /** JSON: how people sign in on the page, where the issuer has a client for it. */
  SIGN_IN: json(pageSignIn).optional(),
});
export type ApiEnv = z.infer<typeof apiEnv>;
