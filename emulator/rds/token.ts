import { sha256, signatureHolds, timeOf } from '../aws-api/sigv4.ts';
import type { Iam } from '../iam/iam.ts';

export interface SignIn {
  user: string;
  password: string;
  host: string;
  port: number;
  now: number;
}

/** The role that made an IAM sign-in token for this user at this server; nothing when the token is wrong, forged or too old. */
export const roleOfToken = (iam: Iam, { user, password, host, port, now }: SignIn): string | undefined => {
  if (!URL.canParse(`https://${password}`)) return undefined;
  const url = new URL(`https://${password}`);
  if (url.hostname !== host || url.port !== String(port)) return undefined;
  const query = url.searchParams;
  const [key = '', ...scope] = (query.get('X-Amz-Credential') ?? '').split('/');
  const holder = iam.holderOf(key);
  const timestamp = query.get('X-Amz-Date') ?? '';
  const madeAt = timeOf(timestamp);
  const lastsMs = Number(query.get('X-Amz-Expires')) * 1_000;
  const isFresh = now >= madeAt - 300_000 && now <= madeAt + Math.min(lastsMs, 900_000);
  if (!holder || !isFresh || query.get('Action') !== 'connect' || query.get('DBUser') !== user) return undefined;
  const signed = {
    method: 'GET',
    path: '/',
    query,
    headers: { host: `${host}:${port}` },
    signedHeaders: ['host'],
    payloadHash: sha256(''),
    timestamp,
    scope: scope.join('/'),
  };
  const isGenuine =
    scope[2] === 'rds-db' &&
    query.get('X-Amz-Security-Token') === holder.credentials.sessionToken &&
    signatureHolds(holder.credentials.secretAccessKey, signed, query.get('X-Amz-Signature') ?? '');
  return isGenuine ? holder.role : undefined;
};
