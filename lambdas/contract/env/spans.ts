import * as z from 'zod';
import { everyFunction } from './every-function.ts';

/** Sends to the internet, so it is outside the database's network. */
export const spansEnv = z.object({
  ...everyFunction,
  /** Where traces are taken by OTLP over HTTP. */
  SPANS_ENDPOINT: z.url(),
  /** Whether a secret has the headers of its requests. */
  SPANS_HEADERS: z.enum(['secret', 'none']),
  /** JSON: where that secret is. */
  TOOLWATCH_SECRETS: z.string(),
});
export type SpansEnv = z.infer<typeof spansEnv>;
