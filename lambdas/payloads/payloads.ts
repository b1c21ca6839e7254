import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { DAY_MS } from '../contract/durations.ts';

export interface RetainedPayloads {
  /** How many payloads wait to be replayed. */
  count: number;
  /** For how long the oldest has waited; 0 without any. */
  oldest_days: number;
}

/** Counts the payloads in the bucket. Throws when S3 does not answer. */
export const countRetainedPayloads = async (client: S3Client, Bucket: string, now: Date): Promise<RetainedPayloads> => {
  let count = 0;
  let oldest = now.getTime();
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
    for (const { LastModified } of Contents) {
      count += 1;
      oldest = Math.min(oldest, LastModified?.getTime() ?? oldest);
    }
  }
  return { count, oldest_days: (now.getTime() - oldest) / DAY_MS };
};
