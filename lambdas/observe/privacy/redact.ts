import { viewsOf } from './decode-text.ts';
import { findSensitiveValues } from './key-values.ts';
import { findKnownSecrets, hasKnownSecrets } from './known-secrets.ts';
import { findSecretFormats } from './secret-formats.ts';
import { createLazily, isSensitiveKey } from './sensitive-keys.ts';
import { type Range, replaceRanges } from './text-ranges.ts';

/** What stands instead of a secret. */
export const REDACTED = '[redacted]';
const CUT_MARK = '…';
/** The rest of a longer text is neither examined nor retained. In characters. */
const MAX_EXAMINED_LENGTH = 8_192;

/** `text` in at most `limit` characters; a mark shows that it was cut. */
export function truncate(text: string, limit: number): string {
  return text.length <= limit
    ? text
    : `${text.slice(0, limit - CUT_MARK.length).replace(/[\ud800-\udbff]$/, '')}${CUT_MARK}`;
}

/**
 * Matches every text that can contain a secret, so that most texts need only this one test. It does not use the flag
 * `i`, whose tables would delay the first call.
 */
const getSuspicionPattern = createLazily(
  () =>
    /[@="':>%&]|-----|[A-Za-z\d_-]{20}|[A-Za-z\d+/]{32}|\d(?:[ -]?\d){12}|(?<!\d)\d{3}-\d\d-|[A-Za-z]{1,3}\d{2} ?[A-Z\d]{4}|(?:^|\s)--?[a-z]|[Bb](?:earer|asic)\s|(?:by|word) '/,
);

/** Where secrets stand in `text`, also in parts of it that are escaped or encoded. */
export function findSecrets(text: string): Range[] {
  const isSuspicious = getSuspicionPattern().test(text);
  if (!isSuspicious && !hasKnownSecrets()) return [];
  return viewsOf(text).flatMap((view) =>
    [
      ...findKnownSecrets(view.text),
      ...(isSuspicious ? [...findSecretFormats(view.text), ...findSensitiveValues(view.text)] : []),
    ].map(([start, end]) => ({
      start: view.origins[start] ?? text.length,
      end: view.origins[end] ?? text.length,
      replacement: REDACTED,
    })),
  );
}

/**
 * `text` with secrets replaced, recognised by their format and by the keys they stand under; only its beginning when it
 * is very long.
 */
export function redactText(text: string): string {
  const examined = truncate(text, MAX_EXAMINED_LENGTH);
  return replaceRanges(examined, findSecrets(examined));
}

/** Control characters and unpaired surrogates. Written as ranges, because `\p{Cc}` would load tables. */
const getUnprintablePattern = createLazily(
  () => /[^ -~\u00a0-\uffff]+|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
);

/** `text` on one line, printable, with secrets replaced, in at most `limit` characters. */
export function toPlainText(text: string, limit: number): string {
  return truncate(redactText(text).replace(getUnprintablePattern(), ' '), limit);
}

/** Limits of a redacted value, which a person must be able to read. */
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_STRING_LENGTH = 2_000;
const MAX_KEY_LENGTH = 128;

/** A bounded JSON copy of `value` with secrets redacted at any depth, by key and by format. Never throws. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return toPlainText(value, MAX_STRING_LENGTH);
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth >= MAX_DEPTH) return CUT_MARK;
  try {
    return redactObject(value, depth);
  } catch {
    return '[unreadable]';
  }
}

function redactObject(value: object, depth: number): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return { name: redactValue(value.name), message: redactValue(value.message) };
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redactValue(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, CUT_MARK] : items;
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const redacted = entries
    .slice(0, MAX_ITEMS)
    .map(([key, item]) => [
      toPlainText(String(key), MAX_KEY_LENGTH),
      isSensitiveKey(String(key)) ? REDACTED : redactValue(item, depth + 1),
    ]);
  if (entries.length > MAX_ITEMS) redacted.push([CUT_MARK, entries.length - MAX_ITEMS]);
  return Object.fromEntries(redacted);
}
