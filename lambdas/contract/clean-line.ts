import { LONE_SURROGATES } from './limits.ts';

/** What separates words, and what would begin a new line or move a cursor. */
const SPACES = /[\p{White_Space}\p{Cc}]+/gu;
/**
 * What nobody sees and what changes what others see: marks of direction, the copy of ASCII among the tags, characters
 * without width but for those that join an emoji, and what is no character at all.
 */
const INVISIBLE = /[\p{Bidi_Control}\p{Noncharacter_Code_Point}\u{e0000}-\u{e007f}\u00ad\u200b\u2060-\u2064\ufeff]/gu;
/** More marks on one letter than any language has, which cover the lines around them. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/** A text as one line of characters that can be seen. */
export const toLine = (text: string): string =>
  text
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(INVISIBLE, '')
    .replace(STACKED_MARKS, '$1')
    .replace(SPACES, ' ')
    .trim();

/** The beginning of a text that has at most so many characters, with a mark where it was cut. Cuts no pair in two. */
export const cutText = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
};

/** The beginning of a well-formed text that has at most this many bytes, with a mark where it was cut. */
export const cutToBytes = (text: string, limit: number): string => {
  if (Buffer.byteLength(text) <= limit) return text;
  const bytes = Buffer.from(text);
  let end = limit - 3; // of the mark
  // A byte 10xxxxxx continues a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}…`;
};
