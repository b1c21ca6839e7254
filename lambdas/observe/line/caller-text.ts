import { isKey, TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import { NO_TENANT } from '../../contract/vocabulary.ts';
import { readDeployment } from '../call/deployment.ts';
import { redactText, toPlainText } from '../privacy/redact.ts';
import { fitTenant, fitWords, hashText } from './fit-text.ts';
import { isUuid } from './uuid.ts';

/** The same few clients call again and again, so up to this many formatted values of each kind are cached. */
const MAX_CACHED = 512;

type Format = (text: string) => string;

function cached(format: Format): Format {
  const cache = new Map<string, string>();
  return (text) => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const formatted = format(text);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(text, formatted);
    return formatted;
  };
}

/** A hash under the deployment's key, which only its owner can repeat. */
const KEYED = 'h1';
/** A hash without a key, for a deployment that has none. */
const UNKEYED = 'h0';
const HASHED = /^h[01]:[\da-f]{32}$/;

function hashId(id: string): string {
  const { userHashKey } = readDeployment();
  return userHashKey ? `${KEYED}:${hashText(id, userHashKey)}` : `${UNKEYED}:${hashText(id)}`;
}

/** True for an id that may be written as it is: a valid key in which nothing looks like a secret. */
function isPlainId(id: string): boolean {
  return isUuid(id) || (isKey(id) && redactText(id) === id);
}

/** An id as it is, or as a hash if it looks like a secret or is no valid key: never one word for several ids. */
export function toPlainId(id: string): string {
  return isPlainId(id) ? id : hashId(id);
}

/** What a caller says about itself, in words, as a JSON string: without secrets and control characters, and short. */
export const formatCallerText: Format = cached((text) => JSON.stringify(fitWords(toPlainText(text, TEXT_LIMIT_BYTES))));

const formatCachedId = cached((id) => JSON.stringify(toPlainId(id)));

/** An id by which calls are joined, as a JSON string. */
export function formatId(id: string): string {
  return isUuid(id) ? `"${id}"` : formatCachedId(id);
}

// What somebody calls himself may look like a hash, and must not become the one whose hash it is.
const formatCachedClaim = cached((id) => JSON.stringify(HASHED.test(id) ? hashId(id) : toPlainId(id)));

/** The id that a caller states for its session or itself, as a JSON string. */
export function formatClaimedId(id: string): string {
  return isUuid(id) ? `"${id}"` : formatCachedClaim(id);
}

const formatHashedId = cached((id) => `"${hashId(id)}"`);

/** A user id as a JSON string: hashed if the deployment has a key, so that only its owner can identify the user. */
export function formatUserId(id: string): string {
  return readDeployment().userHashKey ? formatHashedId(id) : formatClaimedId(id);
}

const formatClaimedTenant = cached((tenant) => JSON.stringify(fitTenant(tenant)));

/** A tenant as a JSON string: as it is, because what its own calls are is decided by it, and never as somebody else. */
export function formatTenant(tenant: string | undefined): string {
  return tenant === undefined || tenant === '' ? `"${NO_TENANT}"` : formatClaimedTenant(tenant);
}
