import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import { nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Iam } from './iam/iam.ts';
import { type Principal, policyDocument } from './iam/policy.ts';
import type { Place } from './place.ts';
import { createUploads, type UploadedPart } from './s3-uploads.ts';

/**
 * A property that is not listed (a customer's key, notifications, …) is refused: it would change what a bucket answers.
 * What happens to objects after days has no effect, because no run lasts days, and old versions cannot be asked for.
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
          NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: z.int() }).optional(),
          Transitions: z
            .array(z.strictObject({ StorageClass: z.literal('GLACIER_IR'), TransitionInDays: z.int() }))
            .optional(),
          AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: z.int() }).optional(),
        }),
      ),
    })
    .optional(),
  VersioningConfiguration: z.strictObject({ Status: z.literal('Enabled') }).optional(),
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

interface Bucket {
  arn: string;
  folder: string;
}

/** Throws `AwsError` for a key that would leave the bucket's folder. */
const pathOf = (bucket: Bucket, key: string): string => {
  const path = join(bucket.folder, key);
  if (relative(bucket.folder, path).startsWith('..')) throw new AwsError('InvalidArgument', `Invalid key: ${key}`);
  return path;
};

/** The folder of objects that are being written; no bucket can have this name. */
const UPLOADS = '.uploads';
/** The folder of objects that arrive in parts. */
const PARTS = '.parts';

/** Objects that arrive in parts; `objectOf` says what an upload is to, once the principal may do the action there. */
const uploadsOf = (
  uploads: ReturnType<typeof createUploads>,
  objectOf: (principal: Principal, action: string, bucket: string, key: string) => string,
  put: (principal: Principal, bucket: string, key: string, body: Buffer) => void,
) => ({
  beginUpload: (principal: Principal, bucket: string, key: string): string =>
    uploads.begin(objectOf(principal, 's3:PutObject', bucket, key)),

  putPart: (principal: Principal, bucket: string, key: string, id: string, number: number, body: Buffer): string =>
    uploads.putPart(objectOf(principal, 's3:PutObject', bucket, key), id, number, body),

  completeUpload: (
    principal: Principal,
    bucket: string,
    key: string,
    id: string,
    parts: readonly UploadedPart[],
  ): void => {
    const object = objectOf(principal, 's3:PutObject', bucket, key);
    put(principal, bucket, key, uploads.join(object, id, parts));
    uploads.end(object, id);
  },

  abortUpload: (principal: Principal, bucket: string, key: string, id: string): void =>
    uploads.end(objectOf(principal, 's3:AbortMultipartUpload', bucket, key), id),
});

/** Buckets as folders below `folder`; they survive a restart. */
export const createS3 = ({ place, iam, folder }: { place: Place; iam: Iam; folder: string }) => {
  rmSync(join(folder, UPLOADS), { recursive: true, force: true });
  mkdirSync(join(folder, UPLOADS), { recursive: true });
  const buckets = new Map<string, Bucket>();

  const findBucket = (name: string): Bucket => {
    const bucket = buckets.get(name);
    if (!bucket) throw new AwsError('NoSuchBucket', `The bucket ${name} does not exist`, 404);
    return bucket;
  };
  /** The bucket, once the principal may do the action to it or to the object. Throws `AwsError`. */
  const authorize = (principal: Principal, action: string, name: string, key?: string): Bucket => {
    const bucket = findBucket(name);
    const { arn } = bucket;
    iam.authorize({ principal, action, resource: key === undefined ? arn : `${arn}/${key}`, policyOf: arn });
    return bucket;
  };

  const put = (principal: Principal, bucket: string, key: string, body: string | Buffer): void => {
    const path = pathOf(authorize(principal, 's3:PutObject', bucket, key), key);
    mkdirSync(dirname(path), { recursive: true });
    // An object is there completely or not at all, also when this process is killed.
    const upload = join(folder, UPLOADS, randomUUID());
    writeFileSync(upload, body);
    renameSync(upload, path);
  };

  const getBytes = (principal: Principal, bucket: string, key: string): Buffer => {
    const found = authorize(principal, 's3:GetObject', bucket, key);
    try {
      return readFileSync(pathOf(found, key));
    } catch {
      throw new AwsError('NoSuchKey', `There is no ${key}`, 404);
    }
  };

  /** What an upload is to, once the principal may do the action there. Throws `AwsError`. */
  const objectOf = (principal: Principal, action: string, bucket: string, key: string): string => {
    pathOf(authorize(principal, action, bucket, key), key);
    return `${bucket}/${key}`;
  };

  return {
    put,
    getBytes,

    get: (principal: Principal, bucket: string, key: string): string =>
      getBytes(principal, bucket, key).toString('utf8'),

    ...uploadsOf(createUploads(join(folder, PARTS)), objectOf, put),

    /** When the object was put; undefined once it is removed. */
    modifiedAt: (bucket: string, key: string): Date | undefined =>
      statSync(pathOf(findBucket(bucket), key), { throwIfNoEntry: false })?.mtime,

    /** The keys that begin with `prefix`, in order. */
    list: (principal: Principal, bucket: string, prefix = ''): string[] => {
      const { folder: root } = authorize(principal, 's3:ListBucket', bucket);
      return readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((key) => key.startsWith(prefix))
        .sort();
    },

    remove: (principal: Principal, bucket: string, key: string): void => {
      const path = pathOf(authorize(principal, 's3:DeleteObject', bucket, key), key);
      rmSync(path, { force: true });
    },

    buckets: (): string[] => [...buckets.keys()],

    handlers: {
      'AWS::S3::Bucket': resourceHandler(bucketProperties, ({ BucketName }, declared) => {
        const name = BucketName ?? nameOf(declared).toLowerCase();
        const bucket = { arn: `arn:${place.partition}:s3:::${name}`, folder: join(folder, name) };
        mkdirSync(bucket.folder, { recursive: true });
        buckets.set(name, bucket);
        return { ref: name, attributes: { Arn: bucket.arn } };
      }),
      'AWS::S3::BucketPolicy': resourceHandler(bucketPolicyProperties, ({ Bucket, PolicyDocument }) => {
        iam.addResourcePolicy(findBucket(Bucket).arn, PolicyDocument.Statement);
        return { ref: Bucket };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type S3 = ReturnType<typeof createS3>;
