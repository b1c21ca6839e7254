import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import { nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Iam } from './iam/iam.ts';
import { type Principal, policyDocument } from './iam/policy.ts';
import type { Place } from './place.ts';

/**
 * What would change what a bucket answers (versions, a key of one's own, notifications, …) is refused and not ignored. That
 * objects are removed after days is not played: no run takes so long.
 */
const bucketProperties = z.strictObject({
  BucketName: z.string().optional(),
  BucketEncryption: z
    .strictObject({
      ServerSideEncryptionConfiguration: z.array(
        z.strictObject({ ServerSideEncryptionByDefault: z.strictObject({ SSEAlgorithm: z.literal('AES256') }) }),
      ),
    })
    .optional(),
  LifecycleConfiguration: z
    .strictObject({
      Rules: z.array(
        z.strictObject({
          Status: z.literal('Enabled'),
          ExpirationInDays: z.int().optional(),
          AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: z.int() }).optional(),
        }),
      ),
    })
    .optional(),
  PublicAccessBlockConfiguration: z
    .strictObject({
      BlockPublicAcls: z.literal(true),
      BlockPublicPolicy: z.literal(true),
      IgnorePublicAcls: z.literal(true),
      RestrictPublicBuckets: z.literal(true),
    })
    .optional(),
});
const bucketPolicyProperties = z.strictObject({ Bucket: z.string(), PolicyDocument: policyDocument });

/** Buckets as folders below `folder`; they outlive a restart. */
export const createS3 = ({ place, iam, folder }: { place: Place; iam: Iam; folder: string }) => {
  const buckets = new Map<string, { arn: string; folder: string }>();

  const bucketOf = (name: string) => {
    const bucket = buckets.get(name);
    if (!bucket) throw new AwsError('NoSuchBucket', `The bucket ${name} does not exist`, 404);
    return bucket;
  };
  const authorize = (principal: Principal, action: string, bucket: string, key?: string) => {
    const { arn } = bucketOf(bucket);
    iam.authorize({ principal, action, resource: key === undefined ? arn : `${arn}/${key}`, policyOf: arn });
  };
  const pathOf = (bucket: string, key: string): string => {
    const path = join(bucketOf(bucket).folder, key);
    if (relative(bucketOf(bucket).folder, path).startsWith('..'))
      throw new AwsError('InvalidArgument', `No key: ${key}`);
    return path;
  };

  return {
    put: (principal: Principal, bucket: string, key: string, body: string): void => {
      authorize(principal, 's3:PutObject', bucket, key);
      const path = pathOf(bucket, key);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, body);
    },
    get: (principal: Principal, bucket: string, key: string): string => {
      authorize(principal, 's3:GetObject', bucket, key);
      try {
        return readFileSync(pathOf(bucket, key), 'utf8');
      } catch {
        throw new AwsError('NoSuchKey', `There is no ${key}`, 404);
      }
    },
    /** Keys in order. */
    list: (principal: Principal, bucket: string, prefix = ''): string[] => {
      authorize(principal, 's3:ListBucket', bucket);
      const { folder: root } = bucketOf(bucket);
      return readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((key) => key.startsWith(prefix))
        .sort();
    },
    remove: (principal: Principal, bucket: string, key: string): void => {
      authorize(principal, 's3:DeleteObject', bucket, key);
      rmSync(pathOf(bucket, key), { force: true });
    },
    buckets: (): string[] => [...buckets.keys()],

    handlers: {
      'AWS::S3::Bucket': resourceHandler(bucketProperties, ({ BucketName }, declared) => {
        const name = BucketName ?? nameOf(declared).toLowerCase();
        const arn = `arn:${place.partition}:s3:::${name}`;
        const own = join(folder, name);
        mkdirSync(own, { recursive: true });
        buckets.set(name, { arn, folder: own });
        return { ref: name, attributes: { Arn: arn } };
      }),
      'AWS::S3::BucketPolicy': resourceHandler(bucketPolicyProperties, ({ Bucket, PolicyDocument }) => {
        iam.addResourcePolicy(bucketOf(Bucket).arn, PolicyDocument.Statement);
        return { ref: Bucket };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type S3 = ReturnType<typeof createS3>;
