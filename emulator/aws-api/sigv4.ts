import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a signature of AWS's version 4 was made over. */
export interface Signed {
  method: string;
  path: string;
  query: URLSearchParams;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  signedHeaders: readonly string[];
  payloadHash: string;
  /** `20261120T221403Z` */
  timestamp: string;
  /** `20261120/us-east-1/lambda/aws4_request` */
  scope: string;
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

const signatureOf = (secret: string, signed: Signed): string => {
  const headers = signed.signedHeaders.map(
    (name) => `${name}:${(signed.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`,
  );
  const request = [
    signed.method,
    signed.path,
    canonicalQuery(signed.query),
    headers.join(''),
    signed.signedHeaders.join(';'),
    signed.payloadHash,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', signed.timestamp, signed.scope, sha256(request)].join('\n');
  const [day = '', region = '', service = '', end = ''] = signed.scope.split('/');
  const key = [day, region, service, end].reduce<string | Buffer>((made, part) => hmac(made, part), `AWS4${secret}`);
  return createHmac('sha256', key).update(toSign).digest('hex');
};

/** True when whoever made the signature has the secret and signed exactly this. */
export const signatureHolds = (secret: string, signed: Signed, signature: string): boolean => {
  const expected = Buffer.from(signatureOf(secret, signed));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
};

/** `20261120T221403Z` in milliseconds; NaN when it is none. */
export const timeOf = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
