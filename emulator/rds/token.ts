import { isSignatureValid, parseTimestamp, sha256 } from '../aws-api/sigv4.ts';
import type { Iam } from '../iam/iam.ts';

/** A token may be this much ahead of the clock, in milliseconds. */
const MAX_CLOCK_SKEW_MS = 300_000;
/** IAM tokens are valid for 15 minutes. */
const MAX_LIFETIME_MS = 900_000;

export interface SignIn {
  user: string;
  password: string;
  host: string;
  port: number;
  now: number;
}

const isCurrent = (query: URLSearchParams, now: number): boolean => {
  const signedAt = parseTimestamp(query.get('X-Amz-Date') ?? '');
  const lifetimeMs = Math.min(Number(query.get('X-Amz-Expires')) * 1_000, MAX_LIFETIME_MS);
  return now >= signedAt - MAX_CLOCK_SKEW_MS && now <= signedAt + lifetimeMs;
};

/** The role that signed an IAM token for this user and host; undefined when the token is wrong, forged or expired. */
export const roleOfToken = (iam: Iam, { user, password, host, port, now }: SignIn): string | undefined => {
  if (!URL.canParse(`https://${password}`)) return undefined;
  const url = new URL(`https://${password}`);
  if (url.hostname !== host || url.port !== String(port)) return undefined;
  const query = url.searchParams;
  const [accessKeyId = '', ...scope] = (query.get('X-Amz-Credential') ?? '').split('/');
  const holder = iam.findByAccessKey(accessKeyId);
  if (!holder || !isCurrent(query, now)) return undefined;
  if (query.get('Action') !== 'connect' || query.get('DBUser') !== user || scope[2] !== 'rds-db') return undefined;
  const { secretAccessKey, sessionToken } = holder.credentials;
  if (query.get('X-Amz-Security-Token') !== sessionToken) return undefined;
  const parts = {
    method: 'GET',
    path: '/',
    query,
    headers: { host: `${host}:${port}` },
    signedHeaders: ['host'],
    payloadHash: sha256(''),
    timestamp: query.get('X-Amz-Date') ?? '',
    scope: scope.join('/'),
  };
  return isSignatureValid(secretAccessKey, parts, query.get('X-Amz-Signature') ?? '') ? holder.role : undefined;
};
