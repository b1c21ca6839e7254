import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDrivenClock, type DrivenClock } from '../../emulator/clock.ts';
import { ADMIN_CREDENTIALS } from '../../emulator/iam/iam.ts';
import { startSmallCloud } from '../support/small-cloud.ts';

/** What is asked of S3 by AWS's own client, and by the addresses that it signs. */

const Bucket = 'files';
const MINUTE_MS = 60_000;
/** The least that a part may have which is not the last one. */
const PART_BYTES = 5 * 1_024 * 1_024;

let clock: DrivenClock;
let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
let s3: S3Client;
beforeAll(async () => {
  // Signatures in headers are made by the machine's clock, which is not looked at.
  clock = createDrivenClock(Date.now());
  cloud = await startSmallCloud({
    resources: { Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: Bucket } } },
    clock,
  });
  s3 = new S3Client({
    ...{ endpoint: cloud.endpoint, region: 'us-east-1', credentials: ADMIN_CREDENTIALS, forcePathStyle: true },
  });
});
afterAll(async () => {
  s3?.destroy();
  await cloud?.stop();
});

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** The address of an object that is valid for so long, as AWS documents how to make one. */
const signAddress = (key: string, seconds: number, stated: Record<string, string> = {}, method = 'GET'): string => {
  const { host } = new URL(cloud.endpoint);
  const moment = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${moment.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const query = Object.entries({
    ...stated,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${ADMIN_CREDENTIALS.accessKeyId}/${scope}`,
    'X-Amz-Date': moment,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'host',
  })
    .map((pair) => pair.map(encode).join('='))
    .sort()
    .join('&');
  const path = `/${Bucket}/${key}`;
  const canonical = [method, path, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const text = ['AWS4-HMAC-SHA256', moment, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const signingKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${ADMIN_CREDENTIALS.secretAccessKey}`);
  return `${cloud.endpoint}${path}?${query}&X-Amz-Signature=${hmac(signingKey, text).toString('hex')}`;
};

const read = async (Key: string): Promise<Buffer> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

test('an object has the bytes that were put, whatever they are', async () => {
  const bytes = randomBytes(1_000);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'bytes', Body: bytes }));
  expect(await read('bytes')).toEqual(bytes);
});

test('an object is put only with the bytes of which the request states the SHA-256', async () => {
  const put = (Body: string) =>
    s3.send(
      new PutObjectCommand({
        ...{ Bucket, Key: 'stated', Body },
        ChecksumSHA256: createHash('sha256').update('sent').digest('base64'),
      }),
    );
  await expect(put('changed')).rejects.toMatchObject({ name: 'BadDigest' });
  await expect(read('stated')).rejects.toThrow('There is no stated');
  await put('sent');
  expect((await read('stated')).toString()).toBe('sent');
});

describe('an object in parts', () => {
  const begin = async (Key: string) =>
    (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId ?? 'none';
  const send = async (Key: string, UploadId: string, PartNumber: number, Body: Buffer) => {
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const complete = (Key: string, UploadId: string, Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));

  test('is there once it is complete, in the order of its parts, and a part may be sent again', async () => {
    const [first, last] = [randomBytes(PART_BYTES), randomBytes(10)];
    const id = await begin('parts');
    const end = await send('parts', id, 2, last);
    await send('parts', id, 1, randomBytes(20));
    const start = await send('parts', id, 1, first);
    await expect(read('parts')).rejects.toThrow('There is no parts');
    await complete('parts', id, [start, end]);
    // A comparison element by element takes minutes.
    expect((await read('parts')).equals(Buffer.concat([first, last]))).toBe(true);
    await expect(complete('parts', id, [start, end])).rejects.toThrow('does not exist');
  });

  test('is refused with a small part in its midst, a part that is none, and parts out of order', async () => {
    const id = await begin('wrong');
    const [one, two] = [await send('wrong', id, 1, randomBytes(10)), await send('wrong', id, 2, randomBytes(10))];
    await expect(complete('wrong', id, [one, two])).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete('wrong', id, [two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete('wrong', id, [{ ...two, ETag: one.ETag }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete('other', id, [one])).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'wrong', UploadId: id }));
    await expect(send('wrong', id, 1, randomBytes(10))).rejects.toMatchObject({ name: 'NoSuchUpload' });
    expect(cloud.events.losses).toEqual([]);
  });
});

describe('a signed address', () => {
  beforeAll(() => s3.send(new PutObjectCommand({ Bucket, Key: 'signed/a file.csv', Body: 'one,two\n' })));
  const KEY = 'signed/a%20file.csv';

  test('answers with the object and the headers that it states', async () => {
    const response = await fetch(
      signAddress(KEY, 60, { 'response-content-disposition': 'attachment; filename="a.csv"' }),
    );
    expect([response.status, await response.text()]).toEqual([200, 'one,two\n']);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="a.csv"');
  });

  test('that was altered, or is for another method or object, is refused', async () => {
    const address = signAddress(KEY, 60);
    const altered = [
      address.replace('a%20file.csv', 'bytes'),
      address.replace('Expires=60', 'Expires=600'),
      address.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      `${address}&response-content-type=text%2Fhtml`,
      signAddress(KEY, 60, {}, 'DELETE'),
    ];
    for (const wrong of altered) {
      const response = await fetch(wrong);
      expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('<Error><Code>')]);
    }
    expect((await fetch(address, { method: 'DELETE' })).status).toBe(403);
  });

  test('is refused once its time is over, and never for longer than a week', async () => {
    const address = signAddress(KEY, 60);
    expect((await fetch(address)).status).toBe(200);
    await clock.advance(MINUTE_MS + 1_000);
    expect(await (await fetch(address)).text()).toContain('Request has expired');
    expect((await fetch(signAddress(KEY, 604_801))).status).toBe(400);
  });
});
