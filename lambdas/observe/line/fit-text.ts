import { fitsInBytes, isKey, isStorable, LONE_SURROGATES, TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import { EVERY_TENANT, NO_TENANT } from '../../contract/vocabulary.ts';
import { loadNodeCrypto } from './node-modules.ts';

const CUT_MARK = '…';
const REPLACEMENT = '\ufffd';
/** Between the beginning of a shortened key and its hash. The front door admits no tenant that contains it. */
const HASH_MARK = '~';
const HASH_LENGTH = 32;

/** The longest beginning of a well-formed text that has at most `limit` bytes and ends between two characters. */
function beginningOf(text: string, limit: number): string {
  const bytes = Buffer.from(text.slice(0, limit + 1));
  let end = Math.min(limit, bytes.length);
  // A byte 10xxxxxx continues a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** Words within `limit` bytes that PostgreSQL can store; a mark shows that they were cut. */
export function fitWords(text: string, limit = TEXT_LIMIT_BYTES): string {
  const storable = isStorable(text) ? text : text.replaceAll('\0', '').replace(LONE_SURROGATES, REPLACEMENT);
  if (fitsInBytes(storable, limit)) return storable;
  return beginningOf(storable, limit - Buffer.byteLength(CUT_MARK)) + CUT_MARK;
}

/**
 * What is hashed for a text. Halves of surrogate pairs would all be the same in UTF-8, so a text that has them is hashed
 * in UTF-16 after a byte that UTF-8 never has.
 */
function bytesToHash(text: string): string | Buffer {
  return text.search(LONE_SURROGATES) === -1 ? text : Buffer.concat([Buffer.of(0xff), Buffer.from(text, 'utf16le')]);
}

/** 32 hexadecimal digits that stand for a text, and for another only by deliberate construction. */
export function hashText(text: string, secretKey?: string): string {
  const { createHash, createHmac } = loadNodeCrypto();
  const hash = secretKey === undefined ? createHash('sha256') : createHmac('sha256', secretKey);
  return hash.update(bytesToHash(text)).digest('hex').slice(0, HASH_LENGTH);
}

function markWithHash(text: string): string {
  const printable = fitWords(text).replace(/[^ -~\u00a0-\uffff]/g, REPLACEMENT);
  return beginningOf(printable, TEXT_LIMIT_BYTES - HASH_MARK.length - HASH_LENGTH) + HASH_MARK + hashText(text);
}

/**
 * A text by which calls are grouped or joined, as it is if it is a valid key, else as its beginning and a hash of the
 * whole: two different texts never become the same key. Empty stays empty.
 */
export function fitKey(text: string): string {
  return text === '' || isKey(text) ? text : markWithHash(text);
}

/**
 * A tenant as somebody claims it, as a key. The words that mean no tenant and every tenant are nobody's, and what is not
 * a text is no tenant's name, so such a claim becomes a key that no reader can ask for.
 */
export function fitTenant(claimed: unknown): string {
  if (typeof claimed !== 'string') return markWithHash(JSON.stringify(claimed) ?? typeof claimed);
  return claimed === NO_TENANT || claimed === EVERY_TENANT ? markWithHash(claimed) : fitKey(claimed);
}
