import * as z from 'zod';

/** Variables of every function. */
export const everyFunction = {
  /** Powertools' own name for the service; the `service` dimension of every metric. */
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  TOOLWATCH_ENVIRONMENT: z.string().min(1),
  /** The deployment's version. */
  TOOLWATCH_VERSION: z.string().min(1),
};

/** For functions that write who called. */
export const userHashKey = {
  /** User ids are written as a keyed hash under this key; without a key they are written unchanged. */
  TOOLWATCH_USER_HASH_KEY: z.string().optional(),
};

/** For functions that write the lines of calls. */
export const callWriter = {
  ...everyFunction,
  ...userHashKey,
  /** `on` when an alarm evaluates caller faults: then each tool has a metric of them. */
  TOOLWATCH_CALLER_ERROR_METRIC: z.literal('on').optional(),
  /** JSON: the rules that label tools by the beginning of their names. */
  TOOLWATCH_LABEL_RULES: z.string().optional(),
};
