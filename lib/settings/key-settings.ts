import * as z from 'zod';

/** The id of a key is a UUID, that of a multi-Region key begins with `mrk-`. */
const KEY_ARN = /^arn:[\w-]+:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const keyArn = z.string().regex(KEY_ARN, 'write the ARN of a KMS key');

/** KMS keys that exist. What their policies must allow is in docs/deploying.md. */
export const keySettings = z
  .strictObject({
    logs: keyArn.optional().describe('Of every log group.'),
    payloads: keyArn.optional().describe('Of the bucket of retained payloads.'),
    archive: keyArn.optional().describe('Of the bucket of archived calls.'),
    secrets: keyArn.optional().describe('Of the secrets that the stack creates.'),
    queues: keyArn.optional().describe('Of queues, which hold starts and notifications that failed.'),
    database: keyArn.optional().describe('Of the database. It stays what it was at the first deployment.'),
  })
  .prefault({})
  .describe('KMS keys of your own, by their ARNs. Default: keys of AWS.');

type Keys = Readonly<Record<string, string | undefined>>;

/** Keys of another region than the deployment's, in sentences that say what to write. */
export const validateKeys = (keys: Keys, region: string | undefined): string[] =>
  Object.entries(keys).flatMap(([setting, arn]) => {
    const keyRegion = arn?.split(':')[3];
    return region === undefined || keyRegion === undefined || keyRegion === region
      ? []
      : [`Setting ${setting}: the key is in ${keyRegion} and the deployment in ${region}; write a key of ${region}.`];
  });
