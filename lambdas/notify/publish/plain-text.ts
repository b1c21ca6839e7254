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
