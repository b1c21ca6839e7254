import { hash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Principal } from '../iam/policy.ts';
import type { S3 } from '../s3.ts';
import type { UploadedPart } from '../s3-uploads.ts';
import {
  type ApiResponse,
  escapeXml,
  type ServiceApi,
  type SignedRequest,
  xmlElement,
  xmlResponse,
} from './request.ts';

const listingOf = (s3: S3, bucket: string, keys: readonly string[]): string =>
  [
    xmlElement('Name', bucket),
    xmlElement('KeyCount', String(keys.length)),
    xmlElement('IsTruncated', 'false'),
    ...keys.map((key) => {
      const modifiedAt = s3.modifiedAt(bucket, key);
      const lastModified = modifiedAt ? xmlElement('LastModified', modifiedAt.toISOString()) : '';
      return xmlElement('Contents', xmlElement('Key', escapeXml(key)) + lastModified);
    }),
  ].join('');

const textIn = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';

/** The parts that the body of CompleteMultipartUpload names. */
const readParts = (xml: string): UploadedPart[] =>
  [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(textIn(part, 'PartNumber')),
    etag: textIn(part, 'ETag').replaceAll('&quot;', ''),
  }));

/** The headers that the address of an object may state of its answer. */
const STATED_HEADERS = ['content-disposition', 'content-type'] as const;

/** What is done with an object in parts; undefined for what is no request of that kind. */
const answerUpload = (
  s3: S3,
  { method, url: { searchParams }, body }: SignedRequest,
  principal: Principal,
  bucket: string,
  key: string,
): ApiResponse | undefined => {
  if (method === 'POST' && searchParams.has('uploads')) {
    const id = s3.beginUpload(principal, bucket, key);
    return xmlResponse(xmlElement('InitiateMultipartUploadResult', xmlElement('UploadId', id)));
  }
  const id = searchParams.get('uploadId');
  if (id === null) return undefined;
  if (method === 'PUT') {
    const number = Number(searchParams.get('partNumber'));
    return { status: 200, headers: { etag: s3.putPart(principal, bucket, key, id, number, body) } };
  }
  if (method === 'POST') {
    s3.completeUpload(principal, bucket, key, id, readParts(body.toString('utf8')));
    return xmlResponse(xmlElement('CompleteMultipartUploadResult', xmlElement('Key', escapeXml(key))));
  }
  if (method !== 'DELETE') return undefined;
  s3.abortUpload(principal, bucket, key, id);
  return { status: 204 };
};

/** Throws `AwsError` for a body that is not the one of which the request states the SHA-256. */
const checkBody = ({ headers, body }: SignedRequest): void => {
  const stated = headers['x-amz-checksum-sha256'];
  if (stated !== undefined && stated !== hash('sha256', body, 'base64'))
    throw new AwsError('BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
};

/** With path-style addresses; lists are one page. A body that is sent in chunks with their own signatures is refused. */
export const createS3Api =
  (s3: S3): ServiceApi =>
  (request, principal) => {
    const { method, url, headers, body } = request;
    const [, bucket = '', ...keyParts] = url.pathname.split('/').map(decodeURIComponent);
    const key = keyParts.join('/');
    if (method === 'GET' && url.searchParams.get('list-type') === '2') {
      const keys = s3.list(principal, bucket, url.searchParams.get('prefix') ?? '');
      return xmlResponse(xmlElement('ListBucketResult', listingOf(s3, bucket, keys)));
    }
    if (key === '' || headers['content-encoding']?.includes('aws-chunked')) return undefined;
    if (url.searchParams.has('uploads') || url.searchParams.has('uploadId'))
      return answerUpload(s3, request, principal, bucket, key);
    if (method === 'GET') {
      const stated = STATED_HEADERS.flatMap((name) => {
        const value = url.searchParams.get(`response-${name}`);
        return value === null ? [] : [[name, value]];
      });
      return { status: 200, headers: Object.fromEntries(stated), body: s3.getBytes(principal, bucket, key) };
    }
    if (method === 'PUT') {
      checkBody(request);
      s3.put(principal, bucket, key, body);
      return { status: 200 };
    }
    if (method !== 'DELETE') return undefined;
    s3.remove(principal, bucket, key);
    return { status: 204 };
  };
