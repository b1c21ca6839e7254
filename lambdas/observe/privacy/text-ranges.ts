/** A part of a text: from `start`, up to but without `end`, and the words that replace it. */
export interface Range {
  start: number;
  end: number;
  replacement: string;
}

/** `text` with each range replaced. Ranges that overlap become one, with the replacement of the first. */
export function replaceRanges(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  let result = '';
  let position = 0;
  for (const { start, end, replacement } of [...ranges].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (end <= position) continue;
    if (start >= position) result += text.slice(position, start) + replacement;
    position = end;
  }
  return result + text.slice(position);
}
