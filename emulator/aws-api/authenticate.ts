import { AwsError } from '../aws-error.ts';
import { ADMIN_CREDENTIALS, type Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import type { Credentials } from '../iam/role.ts';
import type { SignedRequest } from './request.ts';
import { isSignatureValid, parseTimestamp, type SignedParts, sha256 } from './sigv4.ts';

export interface Caller {
  principal: Principal;
  /** As the signature names it: `lambda`, `s3`, … */
  service: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** How long an address may be valid at most: seven days. */
const MAX_EXPIRES_SECONDS = 604_800;

const findKeyHolder = (
  iam: Iam,
  accessKeyId: string,
): { principal: Principal; credentials: Credentials } | undefined => {
  if (accessKeyId === ADMIN_CREDENTIALS.accessKeyId) {
    return { principal: { person: 'operator' }, credentials: ADMIN_CREDENTIALS };
  }
  const holder = iam.findByAccessKey(accessKeyId);
  return holder && { principal: { role: holder.role }, credentials: holder.credentials };
};

type Signature = Pick<SignedParts, 'signedHeaders' | 'payloadHash' | 'timestamp' | 'scope'> & {
  key: string;
  signature: string;
};

const signatureInHeader = ({ headers, body }: SignedRequest): Signature => {
  const [, key = '', scope = '', names = '', signature = ''] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const payloadHash = headers['x-amz-content-sha256'] ?? sha256(body);
  return {
    key,
    scope,
    signedHeaders: names.split(';'),
    signature,
    payloadHash,
    timestamp: headers['x-amz-date'] ?? '',
  };
};

/** The signature of an address. Throws `AwsError` when its time is over, has not begun, or is longer than S3 allows. */
const signatureInAddress = ({ searchParams }: URL, nowMs: number): Signature => {
  const read = (name: string): string => searchParams.get(`X-Amz-${name}`) ?? '';
  const [, key = '', scope = ''] = /^([^/]+)\/(.+)$/.exec(read('Credential')) ?? [];
  const timestamp = read('Date');
  const [signedAt, seconds] = [parseTimestamp(timestamp), Number(read('Expires'))];
  if (!(seconds >= 1 && seconds <= MAX_EXPIRES_SECONDS))
    throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Expires must be from 1 to 604800', 400);
  if (!(signedAt <= nowMs + 900_000)) throw new AwsError('AccessDenied', 'Request is not valid yet', 403);
  if (nowMs > signedAt + seconds * 1_000) throw new AwsError('AccessDenied', 'Request has expired', 403);
  return {
    ...{ key, scope, timestamp, payloadHash: 'UNSIGNED-PAYLOAD' },
    ...{ signedHeaders: read('SignedHeaders').split(';'), signature: read('Signature') },
  };
};

/**
 * Who signed the request, in a header or, for S3, in its address. Throws `AwsError` for an unknown key, a wrong signature
 * and an address whose time is over.
 */
export const authenticate = (iam: Iam, request: SignedRequest, nowMs: number): Caller => {
  const { method, url, headers } = request;
  const isInAddress = url.searchParams.has('X-Amz-Signature') && headers.authorization === undefined;
  const { key, signature, ...signed } = isInAddress ? signatureInAddress(url, nowMs) : signatureInHeader(request);
  const holder = findKeyHolder(iam, key);
  if (!holder) throw new AwsError('UnrecognizedClientException', 'The security token is not valid', 403);
  const service = signed.scope.split('/')[2] ?? '';
  const parts = {
    ...{ method, query: url.searchParams, headers },
    // Every service except S3 signs a path that is encoded once more.
    path: service === 's3' ? url.pathname : url.pathname.split('/').map(encodeURIComponent).join('/'),
    ...signed,
  };
  if (!isSignatureValid(holder.credentials.secretAccessKey, parts, signature)) {
    throw new AwsError('InvalidSignatureException', 'The signature does not match the request', 403);
  }
  return { principal: holder.principal, service };
};
