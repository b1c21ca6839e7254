import { readDeployment } from '../call/deployment.ts';
import { toPlainText } from '../privacy/redact.ts';
import { loadNodeCrypto } from './node-crypto.ts';
import { isUuid } from './uuid.ts';

/** The same few clients call again and again, so up to this many formatted values are cached. */
const MAX_CACHED = 512;

const textCache = new Map<string, string>();
const userCache = new Map<string, string>();

const readThrough = (cache: Map<string, string>, key: string, compute: () => string): string => {
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const value = compute();
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, value);
  return value;
};

/**
 * What a caller says about itself as a JSON string: at most `limit` characters, without secrets and control characters.
 */
export const formatCallerText = (text: string, limit: number): string =>
  isUuid(text) ? `"${text}"` : readThrough(textCache, text, () => JSON.stringify(toPlainText(text, limit)));

/**
 * A user id as a JSON string: as a keyed hash if the deployment has a key, so that only its owner can identify the
 * user.
 */
export const formatUserId = (id: string, limit: number): string => {
  const key = readDeployment().userHashKey;
  if (!key) return formatCallerText(id, limit);
  return readThrough(
    userCache,
    id,
    () => `"h1:${loadNodeCrypto().createHmac('sha256', key).update(id).digest('hex').slice(0, 32)}"`,
  );
};
