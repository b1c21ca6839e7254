import { cutText, toLine } from '../../contract/clean-line.ts';

/** Endings of names that are no domains, but of files and code, as error messages have them. */
const CODE = 'c?jsx?|mjs|c?tsx?|mts|json|sql|java|php|csv|xml|log|txt|ya?ml|html?|stack|message|length|undefined';
const DOT = new RegExp(
  `(?<=[\\p{L}\\p{N}_-])[.\\u3002\\uff0e\\uff61](?=(?!(?:${CODE})(?![\\p{L}\\p{N}]))\\p{L}{2})`,
  'gu',
);
const SCHEMES = /\b(mailto|javascript|data|tel|sms|skype|slack|msteams|vscode|file):(?=\S)/gi;

/**
 * A line in which no mail program or chat finds an address to link: `https[:]//evil[.]example`. People can still read
 * it.
 */
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
