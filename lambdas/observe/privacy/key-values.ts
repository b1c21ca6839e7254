import { createLazily, isSensitiveKey } from './sensitive-keys.ts';

/** Where a value begins and ends in a text. */
type Span = [start: number, end: number];

const MAX_KEY_LENGTH = 80;
/** How far apart a name and its value may stand: `{"name":"password","value":"…"}`. In characters. */
const MAX_PAIR_DISTANCE = 200;

/**
 * Where a key may end and its value begin: `=`, `:`, `:=`, `=>`, `==`; the `>` of an XML element; the comma between two
 * quoted strings; the space after a command-line flag.
 */
const getSeparatorPattern = createLazily(
  () => /\s{0,3}(?::=|=>|==|[:=])\s{0,8}|>|(?<=["'])\s{0,3},\s{0,3}(?=["'])| +/g,
);

const ELEMENT_BEFORE = /<(?:[\w.-]{1,40}:)?([\w.-]{1,80})(?:\s[^<>]{0,200})?$/;
const FLAG_BEFORE = /(?:^|\s)--?([a-z][\w-]{1,60})$/i;

/** The names of the two halves of a pair that is written as an object or an element of its own. */
const NAMES_A_NAME = /^(?:name|key|header|field|param|parameter)$/i;
const NAMES_A_VALUE = /^(?:value|val|content|text)$/i;

/** The headers of which the whole line is secret, because they hold lists. */
const WHOLE_LINE = /^(?:proxy-)?authorization$|^(?:set-)?cookie$/i;

/** What follows a value that is not quoted: another key, or the rest of a query string. */
const getNextKeyPattern = createLazily(
  () => /\n|[&,;|\s]\s{0,3}["'`]?[\w$.-]{1,80}["'`]?\s{0,2}[=:](?!\/\/)|\s--?[a-z][\w-]{1,60}[ =]/g,
);
const getQueryEndPattern = createLazily(() => /[&\s"'<>`]/g);
const getLineEndPattern = createLazily(() => /\n/g);

function findFrom(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.exec(text)?.index ?? text.length;
}

/** The end of a string that began with `quote`: a quote that is not escaped, and that something may follow. */
function findClosingQuote(text: string, start: number, quote: string): number {
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === quote && !/^[\w"'`]/.test(text.slice(index + 1, index + 2))) return index;
  }
  return text.length;
}

const CLOSING: Record<string, string> = { '{': '}', '[': ']', '(': ')' };

/** The end of a list or an object, whatever stands in it. */
function findClosingBracket(text: string, start: number, opening: string): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === opening) depth += 1;
    else if (text[index] === CLOSING[opening]) depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

/** The value that begins at `start`; undefined when a decoded view shows it better, or there is none. */
function readValue(text: string, start: number, key: string, isInQuery: boolean): Span | undefined {
  const first = text[start];
  if (first === undefined || text.startsWith('[redacted]', start)) return undefined;
  if (first === '"' || first === "'" || first === '`') return [start + 1, findClosingQuote(text, start + 1, first)];
  if (first === '\\' && /["'`\\]/.test(text[start + 1] ?? '')) return undefined;
  if (WHOLE_LINE.test(key)) return [start, findFrom(getLineEndPattern(), text, start)];
  if (isInQuery) return [start, findFrom(getQueryEndPattern(), text, start)];
  if (CLOSING[first]) return [start, findClosingBracket(text, start, first)];
  return [start, findFrom(getNextKeyPattern(), text, start)];
}

/** What stands before a separator: a key, and whether it is one of a URL's query. */
interface Key {
  name: string;
  isInQuery: boolean;
}

/** `code` and `key` are ordinary words, but not in the query of a URL. */
function isSensitiveIn({ name, isInQuery }: Key): boolean {
  return isSensitiveKey(name) || (isInQuery && /^(?:code|key)$/i.test(name));
}

function isKeyCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\w$.-]/.test(character);
}

/** Where the word begins that ends at `end`. */
function findWordStart(text: string, end: number): number {
  let start = end;
  while (start > 0 && end - start < MAX_KEY_LENGTH && isKeyCharacter(text[start - 1])) start -= 1;
  return start;
}

/**
 * The key that ends at `end`, with the word before it, because `api key: …` is two words, and where it begins. Quotes
 * around it are left out.
 */
function readKey(text: string, end: number): { name: string; start: number } | undefined {
  let last = end;
  while (last > end - 4 && /["'`\\]/.test(text[last - 1] ?? '')) last -= 1;
  const start = findWordStart(text, last);
  if (start === last) return undefined;
  const isOneWord = last !== end || !/[ -]/.test(text[start - 1] ?? '');
  const first = isOneWord ? start : findWordStart(text, start - 1);
  return { name: text.slice(first, last), start: first };
}

function findKey(text: string, separator: string, index: number): Key | undefined {
  const before = text.slice(Math.max(0, index - MAX_KEY_LENGTH - MAX_PAIR_DISTANCE), index);
  const kind = separator.trim();
  if (kind === '>') {
    const name = ELEMENT_BEFORE.exec(before)?.[1];
    return name === undefined ? undefined : { name, isInQuery: false };
  }
  if (kind === '') {
    const name = FLAG_BEFORE.exec(before.slice(-MAX_KEY_LENGTH))?.[1];
    return name === undefined ? undefined : { name, isInQuery: false };
  }
  const key = readKey(text, index);
  return key && { name: key.name, isInQuery: kind === '=' && /[?&]/.test(text[key.start - 1] ?? '') };
}

/** The content of an XML element that begins at `start`. */
function readContent(text: string, start: number): Span {
  const end = text.indexOf('</', start);
  return [start, end < 0 ? text.length : end];
}

/**
 * The values in `text` that stand under a sensitive key, in whatever notation: JSON, XML, headers, queries, forms,
 * command lines, assignments. A value without quotes ends at the next key or line; what ends sooner would show the rest
 * of it. Takes time in proportion to the text's length.
 */
export function findSensitiveValues(text: string): Span[] {
  const spans: Span[] = [];
  const separators = getSeparatorPattern();
  let nameUntil = -1;
  let position = 0;
  for (;;) {
    separators.lastIndex = position;
    const match = separators.exec(text);
    if (!match) return spans;
    position = match.index + match[0].length;
    const key = findKey(text, match[0], match.index);
    if (!key) continue;
    const lastWord = key.name.slice(key.name.lastIndexOf(' ') + 1);
    const isNamed = match.index < nameUntil && (NAMES_A_VALUE.test(lastWord) || match[0] === '>');
    if (!isSensitiveIn(key) && !isNamed) {
      const name = NAMES_A_NAME.test(lastWord)
        ? /^["'`]?([\w$.-]{1,80})/.exec(text.slice(position, position + 90))
        : null;
      if (name?.[1] && isSensitiveKey(name[1])) nameUntil = position + MAX_PAIR_DISTANCE;
      continue;
    }
    const value = match[0] === '>' ? readContent(text, position) : readValue(text, position, lastWord, key.isInQuery);
    if (!value || value[1] <= value[0]) continue;
    spans.push(value);
    position = value[1];
  }
}
