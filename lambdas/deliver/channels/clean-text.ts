/** Breaks a word without a trace: nobody sees it, and a browser leaves it out of an address that is copied. */
const BREAK = '\u200b';

/**
 * A line in which no program finds an address or a person to link: not in `https://evil.example`, `evil.example`,
 * `@everyone` or `a@b.example`. It looks the same.
 */
export const withoutLinks = (line: string): string =>
  withoutSchemes(line)
    // A digit after a point is a number's, or an address of numbers, which no program links without a scheme.
    .replace(/(?<=\S)([.\u3002\uff0e\uff61])(?=[^\s\p{N}.])/gu, `$1${BREAK}`)
    .replace(/([@\uff20])(?=\S)/gu, `$1${BREAK}`);

/** A text for programs in which no address is linked that begins with its scheme. The rest of it stays what it is. */
export const withoutSchemes = (line: string): string => line.replaceAll('://', `:${BREAK}//`);

/** Breaks after each of what the pattern finds. */
export const breakAfter = (line: string, pattern: RegExp): string => line.replace(pattern, `$&${BREAK}`);

/** How long a text is for somebody who counts characters. */
export const countCodePoints = (text: string): number => [...text].length;
/** How long a text is for somebody who counts as JavaScript and Java do. No text has more characters than that. */
export const countUnits = (text: string): number => text.length;
export const countBytes = (text: string): number => Buffer.byteLength(text);

interface Room {
  readonly limit: number;
  readonly count: (text: string) => number;
  /** Writes a text in the markup of a channel. */
  readonly write: (text: string) => string;
}

/**
 * A line in the markup of a channel: as much of its beginning as there is room for, with a mark where it was cut. What
 * is cut is the line itself, so that no escape is cut in two.
 */
export const escapeToFit = (line: string, { limit, count, write }: Room): string => {
  const fits = (text: string): boolean => count(text) <= limit;
  const whole = write(line);
  if (fits(whole)) return whole;
  const characters = [...line];
  const cut = (length: number): string => write(`${characters.slice(0, length).join('').trimEnd()}…`);
  let low = 0;
  let high = characters.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(cut(middle))) low = middle;
    else high = middle - 1;
  }
  return cut(low);
};

/** As much of a line's beginning as has so many characters. */
export const cutLine = (line: string, limit: number): string =>
  escapeToFit(line, { limit, count: countUnits, write: (text) => text });

/** Of Markdown, what has a meaning anywhere in a line; an underscore has none within a word. */
const MARKDOWN = /[\\*~|`<>[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** Of Markdown, what has a meaning at the beginning of a line: a heading, a list. */
const MARKDOWN_START = /^(?:[-+#]|\d+(?=[.)]))/;

const escapeStart = (start: string): string => (/\d$/.test(start) ? `${start}\\` : `\\${start}`);

/** A line that shows the same where Markdown is understood. */
export const escapeMarkdown = (line: string): string =>
  withoutLinks(line).replace(MARKDOWN, '\\$&').replace(MARKDOWN_START, escapeStart);

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** An address or a text within HTML. */
export const toHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => HTML[character] ?? '');

/** A line that shows the same where HTML is understood. */
export const escapeHtml = (line: string): string => toHtml(withoutLinks(line));
