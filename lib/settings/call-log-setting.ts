import * as z from 'zod';

/** CloudWatch Logs takes 512 characters, but the CDK only 255 in the dimension of a metric. */
export const LOG_GROUP_NAME = /^[A-Za-z0-9_./#-]{1,255}$/;

export const callLogSetting = z
  .string()
  .regex(LOG_GROUP_NAME, 'write the name of a log group, such as /acme/tools, of at most 255 characters')
  .optional()
  .describe(
    'The name of a log group of your own for the lines of calls, of class `STANDARD`, with its own retention and key. ' +
      'It stays what it was at the first deployment. Default: a new one, `/deploymentName/calls`.',
  );
