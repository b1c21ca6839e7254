import type { S3 } from '../s3.ts';
import { escapeXml, type ServiceApi, xmlElement, xmlResponse } from './request.ts';

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

/** ListObjectsV2 (everything in one page), GetObject and DeleteObject, with path-style addresses. */
export const createS3Api =
  (s3: S3): ServiceApi =>
  ({ method, url }, principal) => {
    const [, bucket = '', ...keyParts] = url.pathname.split('/').map(decodeURIComponent);
    const key = keyParts.join('/');
    if (method === 'GET' && url.searchParams.get('list-type') === '2') {
      const keys = s3.list(principal, bucket, url.searchParams.get('prefix') ?? '');
      return xmlResponse(xmlElement('ListBucketResult', listingOf(s3, bucket, keys)));
    }
    if (key === '') return undefined;
    if (method === 'GET') return { status: 200, body: s3.get(principal, bucket, key) };
    if (method !== 'DELETE') return undefined;
    s3.remove(principal, bucket, key);
    return { status: 204 };
  };
