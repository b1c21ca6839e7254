import * as z from 'zod';
import type { Lambda } from './lambda.ts';
import type { S3 } from './s3.ts';

const kept = z.object({ requestContext: z.object({ functionArn: z.string() }), requestPayload: z.unknown() });

const OPERATOR = { person: 'operator' };

/** Hands every kept payload to its function once more, and forgets those that were taken. By a person, never by itself. */
export const replay = async ({
  s3,
  lambda,
}: {
  s3: S3;
  lambda: Lambda;
}): Promise<{ replayed: number; failed: number }> => {
  const result = { replayed: 0, failed: 0 };
  for (const bucket of s3.buckets()) {
    for (const key of s3.list(OPERATOR, bucket, 'aws/lambda/async/')) {
      const { requestContext, requestPayload } = kept.parse(JSON.parse(s3.get(OPERATOR, bucket, key)));
      const event = JSON.stringify(requestPayload);
      const { failed } = await lambda.invoke({ principal: OPERATOR, function: requestContext.functionArn, event });
      result[failed ? 'failed' : 'replayed'] += 1;
      if (!failed) s3.remove(OPERATOR, bucket, key);
    }
  }
  return result;
};
