const MARK = '…';

/** `text` in at most `limit` characters, with a mark when something was cut. */
export const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - MARK.length).replace(/[\ud800-\udbff]$/, '')}${MARK}`;

const SHAPES: [RegExp, string][] = [
  [/\b(bearer|basic|token)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, '[redacted]'],
];

/** `text` without what has the shape of a secret. */
export const redactText = (text: string): string =>
  SHAPES.reduce((clean, [shape, mark]) => clean.replace(shape, mark), text);
