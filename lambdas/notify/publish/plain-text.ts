import { LONE_SURROGATES } from '../../contract/limits.ts';

/** Control characters but for line breaks, and the marks that change the direction of a text. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;
const COMBINING = /\p{M}/gu;
/** SNS takes less than 100 characters. */
const MAX_SUBJECT = 99;

/** A text that every mail program shows as it is. */
export const toPlainText = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(LONE_SURROGATES, '\ufffd').replace(UNPRINTABLE, '');

/** A subject that SNS accepts: one line of ASCII in less than 100 characters, which begins with a visible one. */
export const toSubject = (text: string): string => {
  const ascii = text
    .normalize('NFKD')
    .replace(COMBINING, '')
    .replaceAll('…', '...')
    .replace(/[–—·]/g, '-')
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/[\p{White_Space}\p{Cc}]+/gu, ' ')
    .replace(/[^ -~]+/g, '?')
    .trim();
  if (ascii === '') return 'Notification';
  return ascii.length > MAX_SUBJECT ? `${ascii.slice(0, MAX_SUBJECT - 3)}...` : ascii;
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
