import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The parts of a request that a Signature Version 4 covers. */
export interface SignedParts {
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

/** Percent-encodes as RFC 3986 does, which `encodeURIComponent` alone does not. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

const signatureOf = (secret: string, parts: SignedParts): string => {
  const headers = parts.signedHeaders.map(
    (name) => `${name}:${(parts.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`,
  );
  const canonicalRequest = [
    parts.method,
    parts.path,
    canonicalQuery(parts.query),
    headers.join(''),
    parts.signedHeaders.join(';'),
    parts.payloadHash,
  ].join('\n');
  const stringToSign = ['AWS4-HMAC-SHA256', parts.timestamp, parts.scope, sha256(canonicalRequest)].join('\n');
  const [date = '', region = '', service = '', terminator = ''] = parts.scope.split('/');
  const signingKey = [date, region, service, terminator].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return createHmac('sha256', signingKey).update(stringToSign).digest('hex');
};

/** True when the signature was made with this secret over exactly these parts. */
export const isSignatureValid = (secret: string, parts: SignedParts, signature: string): boolean => {
  const expected = Buffer.from(signatureOf(secret, parts));
  const actual = Buffer.from(signature);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
};

/** `20261120T221403Z` in milliseconds; NaN for any other format. */
export const parseTimestamp = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
