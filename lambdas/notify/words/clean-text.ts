import { LONE_SURROGATES } from '../../contract/limits.ts';

/** What separates words, and what would begin a new line or move a cursor. */
const SPACES = /[\p{White_Space}\p{Cc}]+/gu;
/** What nobody sees, and what changes the direction of what others see; without what joins an emoji. */
const INVISIBLE = /[\p{Bidi_Control}\p{Noncharacter_Code_Point}\u{e0000}-\u{e007f}\u00ad\u200b\u2060-\u2064\ufeff]/gu;
/** More marks on one letter than any language has, which cover the lines around them. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/** The beginning of a text that has at most so many characters, with a mark where it was cut. Cuts no pair in two. */
export const cutText = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
};

/** A text as one line of characters that can be seen. */
export const toLine = (text: string): string =>
  text
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(INVISIBLE, '')
    .replace(STACKED_MARKS, '$1')
    .replace(SPACES, ' ')
    .trim();

/** Endings of names that are no domains, but of files and code, as error messages have them. */
const CODE = 'c?jsx?|mjs|c?tsx?|mts|json|sql|java|php|csv|xml|log|txt|ya?ml|html?|stack|message|length|undefined';
const DOT = new RegExp(
  `(?<=[\\p{L}\\p{N}_-])[.\\u3002\\uff0e\\uff61](?=(?!(?:${CODE})(?![\\p{L}\\p{N}]))\\p{L}{2})`,
  'gu',
);
const SCHEMES = /\b(mailto|javascript|data|tel|sms|skype|slack|msteams|vscode|file):(?=\S)/gi;

/** A line in which no mail program or chat finds an address to link: `https[:]//evil[.]example`. People can still read it. */
const withoutLinks = (line: string): string =>
  line
    .replace(/:(?=[/\\]{2})/g, '[:]')
    .replace(SCHEMES, '$1[:]')
    .replace(DOT, '[.]')
    .replace(/[@\uff20](?=\S)/g, '[@]');

/** What somebody else wrote, such as an error's message, as a part of a line of ours: it can be no line and no link. */
export const toForeign = (text: string, limit: number): string =>
  // Cut first: it may have 200 KB, and what comes after that is not shown.
  cutText(withoutLinks(toLine(cutText(text, 4 * limit))), limit);

/** The same in quotation marks, which it cannot end. */
export const quote = (text: string, limit: number): string => `"${toForeign(text, limit).replace(/["“”„«»]/g, "'")}"`;
