import {
  KNOWN_METADATA_KEYS,
  type KnownMetadata,
  METADATA_KEY,
  METADATA_VALUE_LIMIT_BYTES,
  OWN_METADATA_LIMIT,
  OWN_METADATA_LIMIT_BYTES,
  RATE_LIMIT_KEY_TYPES,
  RESERVED_METADATA_KEYS,
} from '../../contract/known-metadata.ts';
import { fitsInBytes } from '../../contract/limits.ts';
import { toPlainId } from '../line/caller-text.ts';
import { isUuid } from '../line/uuid.ts';
import { redactValue, toPlainText } from '../privacy/redact.ts';
import { readEntries } from './read-safely.ts';

/** Metadata of one's own: what views read, and the keys that the tool or the options list. */
export type OwnMetadata = KnownMetadata & Record<string, unknown>;

/** A value as it may be written, or why it may not. */
type Checked = { value: unknown } | { reason: string };

const MAX_NAME_LENGTH = 64;

/** Tokens of webhooks often stand in the query, and who sends them in front of the host. */
function toPlainUrl(given: unknown): Checked {
  if (typeof given !== 'string' || !URL.canParse(given)) return { reason: 'it is no URL' };
  const { origin, protocol, host, pathname } = new URL(given);
  return { value: redactValue(`${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`) };
}

function toPlainKey(given: unknown): Checked {
  return typeof given === 'string' && given !== '' ? { value: toPlainId(given) } : { reason: 'it is no text' };
}

const KNOWN: { [Key in keyof KnownMetadata]-?: (given: unknown) => Checked } = {
  url: toPlainUrl,
  enabled: (given) => (typeof given === 'boolean' ? { value: given } : { reason: 'it is neither true nor false' }),
  rule_name: (given) => (typeof given === 'string' ? { value: redactValue(given) } : { reason: 'it is no text' }),
  rule_type: (given) => (typeof given === 'string' ? { value: redactValue(given) } : { reason: 'it is no text' }),
  customer_config_id: (given) =>
    typeof given === 'string' && isUuid(given) ? { value: given } : { reason: 'it is no UUID' },
  rate_limit_key: toPlainKey,
  rate_limit_key_type: (given) =>
    RATE_LIMIT_KEY_TYPES.some((type) => type === given)
      ? { value: given }
      : { reason: `it is not one of ${RATE_LIMIT_KEY_TYPES.join(', ')}` },
};

function isKnown(key: string): key is keyof KnownMetadata {
  return KNOWN_METADATA_KEYS.some((known) => known === key);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** `{ [key]: value }` redacted as one, because a sensitive key hides any value. */
function redactUnder(key: string, value: unknown): unknown {
  return Object.values(redactValue({ [key]: value }) as object)[0];
}

function checkOwn(key: string, value: unknown, allowed: readonly string[]): Checked {
  if (!METADATA_KEY.test(key)) return { reason: 'a key has lower-case letters, digits and underscores, at most 64' };
  if (RESERVED_METADATA_KEYS.includes(key)) return { reason: 'the wrapper writes this key itself' };
  if (!allowed.includes(key)) return { reason: 'the key is not allowed; list it under capture.metadata' };
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    return { reason: 'it is no JSON' };
  }
  const redacted = redactUnder(key, value);
  return fitsInBytes(JSON.stringify(redacted), METADATA_VALUE_LIMIT_BYTES)
    ? { value: redacted }
    : { reason: `it is larger than ${METADATA_VALUE_LIMIT_BYTES} bytes` };
}

/**
 * Metadata as it may be written, beside what the call has already. What is beyond a limit is refused with a sentence,
 * and the rest is taken. Never throws.
 */
export function checkMetadata(
  given: unknown,
  allowed: readonly string[],
  present: Readonly<Record<string, unknown>>,
  refuse: (sentence: string) => void,
): Record<string, unknown> {
  const taken: Record<string, unknown> = {};
  let keys = Object.keys(present).length;
  let bytes = bytesOf(present);
  for (const [key, value] of readEntries(given)) {
    if (value === undefined || value === null) continue;
    const refuseKey = (reason: string) =>
      refuse(`The metadata ${toPlainText(key, MAX_NAME_LENGTH)} was dropped: ${reason}.`);
    const checked = isKnown(key) ? KNOWN[key](value) : checkOwn(key, value, allowed);
    if ('reason' in checked) {
      refuseKey(checked.reason);
      continue;
    }
    if (!(key in present)) keys += 1;
    bytes += bytesOf({ [key]: checked.value });
    if (keys > OWN_METADATA_LIMIT) refuseKey(`a call has at most ${OWN_METADATA_LIMIT} keys of its own`);
    else if (bytes > OWN_METADATA_LIMIT_BYTES)
      refuseKey(`a call has at most ${OWN_METADATA_LIMIT_BYTES} bytes of its own`);
    else taken[key] = checked.value;
  }
  return taken;
}
