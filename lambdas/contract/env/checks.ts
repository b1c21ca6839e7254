import * as z from 'zod';
import { declaredCheck } from '../health/declarations.ts';
import { callWriter } from './every-function.ts';
import { json } from './values.ts';

/** Runs outside the database's network: what it checks is there too. */
export const checksEnv = z.object({
  ...callWriter,
  /** JSON: the checks of the settings. */
  CHECKS: json(z.array(declaredCheck)),
});
export type ChecksEnv = z.infer<typeof checksEnv>;
