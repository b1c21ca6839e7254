import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';

/** What the archive needs of the place where its files are. */
export interface ObjectStore {
  /** Writes the whole object, or nothing. */
  put(key: string, content: Buffer): Promise<void>;
  get(key: string): Promise<Buffer>;
  /** The keys that begin with this. */
  list(prefix: string): Promise<string[]>;
  remove(key: string): Promise<void>;
}

export const sha256Of = (content: Buffer): Buffer => createHash('sha256').update(content).digest();

const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** By which Node and the SDK say that nothing answers at the address. */
const UNREACHABLE = /^(TimeoutError|ETIMEDOUT|ENOTFOUND|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;

/** A network without a way to S3 lets every attempt time out, which alone says nothing of what to do. */
const explain = (error: unknown): unknown => {
  const { name, code } = error as { name?: string; code?: string };
  if (!UNREACHABLE.test(code ?? '') && !UNREACHABLE.test(name ?? '')) return error;
  return new Error(
    "S3 cannot be reached from the database's network. Add a gateway endpoint for S3 to its route tables, or set " +
      'archive to false: docs/archive.md.',
    { cause: error },
  );
};

const explained = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
};

/** Objects in a bucket. S3 refuses what arrives otherwise than it was sent. */
export const openBucket = (Bucket: string): ObjectStore => {
  const client = new S3Client({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  });
  return {
    put: (Key, Body) =>
      explained(async () => {
        const ChecksumSHA256 = sha256Of(Body).toString('base64');
        await client.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumSHA256 }));
      }),
    get: (Key) =>
      explained(async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      }),
    list: (Prefix) =>
      explained(async () => {
        const keys: string[] = [];
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
          keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
        return keys;
      }),
    remove: (Key) =>
      explained(async () => {
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
      }),
  };
};
