import * as z from 'zod';
import { everyFunction } from './every-function.ts';
import { json } from './values.ts';

/** Runs outside the database's network, so it queries the api. */
export const smokeEnv = z.object({
  ...everyFunction,
  GATEWAY_FUNCTION: z.string().min(1),
  /** Its name; whether it ran shows at which connection a row was lost. */
  INGEST_FUNCTION: z.string().min(1),
  API_FUNCTION: z.string().min(1),
  SMOKE_TOOL: z.string().min(1),
  /** JSON. */
  SMOKE_ARGUMENTS: json(z.unknown()),
  /** Its name. */
  NOTIFIER_FUNCTION: z.string().min(1),
  /** The alarm whose path to its recipients is checked. */
  SMOKE_ALARM: z.string().min(1),
  /** How long a line may take to become a metric and a row. */
  SMOKE_TIMEOUT_SECONDS: z.coerce.number().min(1),
  /** ARNs, separated by commas, of the topics that must have a recipient. */
  TOPICS_WITH_TARGETS: z.string().transform((list) => list.split(',').filter(Boolean)),
});
export type SmokeEnv = z.infer<typeof smokeEnv>;
