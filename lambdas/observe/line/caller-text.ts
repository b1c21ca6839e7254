import { readDeployment } from '../call/deployment.ts';
import { toPlainText } from '../privacy/redact.ts';
import { loadNodeCrypto } from './node-crypto.ts';

/** The same few clients call again and again: what was found of their words is kept, up to this many. */
const KEPT = 512;

const words = new Map<string, string>();
const users = new Map<string, string>();

const remembered = (kept: Map<string, string>, key: string, work: () => string): string => {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const result = work();
  if (kept.size >= KEPT) kept.clear();
  kept.set(key, result);
  return result;
};

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A caller's word about itself as JSON, bounded, and without secrets and control characters. */
export const formatCallerText = (word: string, limit: number): string =>
  UUID.test(word) ? `"${word}"` : remembered(words, word, () => JSON.stringify(toPlainText(word, limit)));

/** A user's id as it may be kept: under a keyed hash when the deployment has a key, so that nobody without it can tell who it was. */
export const formatUserId = (id: string, limit: number): string => {
  const key = readDeployment().userHashKey;
  if (!key) return formatCallerText(id, limit);
  return remembered(
    users,
    id,
    () => `"h1:${loadNodeCrypto().createHmac('sha256', key).update(id).digest('hex').slice(0, 32)}"`,
  );
};

/**
 * Who a JWT says its bearer is. Nothing is verified: a label for a person to read, never an identity; undefined when
 * it is no JWT.
 */
export const unverifiedSubject = (token: string): string | undefined => {
  const payload = /^(?:bearer\s+)?[\w-]+\.([\w-]+)\.[\w-]*$/i.exec(token.trim())?.[1];
  try {
    const { sub } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as { sub?: unknown };
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    return undefined;
  }
};
