import { type View, viewsOf } from './decode-text.ts';
import { findSecrets, truncate } from './redact.ts';
import { createLazily } from './sensitive-keys.ts';
import { type Range, replaceRanges } from './text-ranges.ts';

/** The rest of a longer message is neither examined nor written. In characters. */
export const MAX_MESSAGE_LENGTH = 4_096;
/** A shorter string occurs in messages by coincidence. In characters. */
const MIN_LENGTH = 3;
/** With more values than this in the arguments, the message is withheld instead of searched. */
const MAX_VALUES = 50_000;
/** With more different short strings than this, likewise. */
const MAX_SHORT_STRINGS = 2_000;

const INPUT = '<input>';
const WITHHELD = '<withheld: too many arguments to search for>';

interface Strings {
  /** All strings, in characters. */
  length: number;
  texts: string[];
}

/**
 * Every string inside `value`, including keys that the tool did not declare; undefined when there are too many values to
 * look at.
 */
function collectStrings(value: unknown, declared: ReadonlySet<string>): Strings | undefined {
  const texts: string[] = [];
  const pending: unknown[] = [value];
  let visited = 0;
  let length = 0;
  const add = (text: string) => {
    if (text.length < MIN_LENGTH) return;
    texts.push(text);
    length += text.length;
  };
  while (pending.length > 0) {
    const current = pending.pop();
    visited += 1;
    if (visited + pending.length > MAX_VALUES) return undefined;
    if (typeof current === 'string') add(current);
    if (Array.isArray(current)) {
      if (current.length > MAX_VALUES) return undefined;
      pending.push(...current);
    } else if (typeof current === 'object' && current !== null) {
      for (const key in current) {
        if (pending.length > MAX_VALUES) return undefined;
        if (!declared.has(key)) add(key);
        pending.push((current as Record<string, unknown>)[key]);
      }
    }
  }
  return { length, texts };
}

/**
 * How many characters in a row make a part of an argument, so that a text that was cut is found. The more text the
 * arguments have, the more often a few characters of it occur in any message.
 */
function partLengthFor(argumentsLength: number): number {
  if (argumentsLength <= 1_024) return 6;
  if (argumentsLength <= 16_384) return 8;
  return argumentsLength <= 262_144 ? 12 : 16;
}

/** Characters below this are compared without case: Latin, Greek and Cyrillic. */
const FOLDED_CODES = 0x600;
const SPACE = 32;

/** For each UTF-16 unit the one that it is compared as. */
const getFoldTable = createLazily((): Uint16Array => {
  const table = Uint16Array.from({ length: 0x1_00_00 }, (_, code) => code);
  for (let code = 0; code < FOLDED_CODES; code += 1) {
    const lower = String.fromCharCode(code).toLowerCase();
    if (lower.length === 1) table[code] = lower.charCodeAt(0);
  }
  // A form writes a space as a plus; a log writes a line break as a space.
  for (const blank of '\t\n\r+') table[blank.charCodeAt(0)] = SPACE;
  return table;
});

/** The UTF-16 units of `text`, each as it is compared. */
function fold(text: string): Uint16Array {
  const table = getFoldTable();
  const bytes = Buffer.from(text, 'utf16le');
  const codes = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length);
  for (let index = 0; index < codes.length; index += 1) codes[index] = table[codes[index] as number] as number;
  return codes;
}

function toText(codes: Uint16Array): string {
  return String.fromCharCode(...codes);
}

/** A view of the text, and which of its characters are known to come from the arguments. */
interface SearchedView extends View {
  codes: Uint16Array;
  isInput: Uint8Array;
}

/** A part of a view. */
interface Part {
  view: SearchedView;
  start: number;
  hash: number;
}

/** Random, so that nobody can choose arguments whose parts all have the same hash. Odd, so that it loses no bits. */
const HASH_FACTOR = Math.floor(Math.random() * 2 ** 31) * 2 + 1;
const SLOTS = 1 << 17;
function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

/** True for a part that the view has in common with the text that it was decoded from. */
function isUnchanged({ origins }: SearchedView, start: number, length: number): boolean {
  return (origins[start + length - 1] ?? 0) - (origins[start] ?? 0) === length - 1;
}

/** The parts of all views, by their hash. A part that was found leaves the index, so that each costs only once. */
class PartIndex {
  /** 1 where a part has this hash, as few of the arguments' parts do: the one thing that is read for each of them. */
  readonly isUsed = new Uint8Array(SLOTS);
  readonly #parts = new Map<number, Part[]>();

  constructor(views: readonly SearchedView[], partLength: number) {
    for (const [number, view] of views.entries()) {
      for (let start = 0; start + partLength <= view.codes.length; start += 1)
        if (number === 0 || !isUnchanged(view, start, partLength)) this.#add(view, start, partLength);
    }
  }

  #add(view: SearchedView, start: number, partLength: number): void {
    let hash = 0;
    for (let offset = 0; offset < partLength; offset += 1)
      hash = (Math.imul(hash, HASH_FACTOR) + (view.codes[start + offset] as number)) | 0;
    const slot = slotOf(hash);
    const parts = this.#parts.get(slot);
    if (parts) parts.push({ view, start, hash });
    else this.#parts.set(slot, [{ view, start, hash }]);
    this.isUsed[slot] = 1;
  }

  /** Marks the parts with this hash that are the `length` codes from `start` on, and takes them out. */
  take(hash: number, codes: Uint16Array, start: number, length: number): void {
    const slot = slotOf(hash);
    const parts = this.#parts.get(slot) ?? [];
    if (!parts.some((part) => part.hash === hash)) return;
    const rest = parts.filter((part) => part.hash !== hash || !isEqual(part, codes, start, length));
    for (const part of parts) if (!rest.includes(part)) part.view.isInput.fill(1, part.start, part.start + length);
    this.#parts.set(slot, rest);
    if (rest.length === 0) this.isUsed[slot] = 0;
  }
}

function isEqual(part: Part, codes: Uint16Array, start: number, length: number): boolean {
  for (let offset = 0; offset < length; offset += 1)
    if (part.view.codes[part.start + offset] !== codes[start + offset]) return false;
  return true;
}

/** Marks the parts of the views that occur in `codes`. `outgoing` is HASH_FACTOR to the power of `partLength`. */
function markPartsIn(codes: Uint16Array, index: PartIndex, partLength: number, outgoing: number): void {
  const { isUsed } = index;
  let hash = 0;
  for (let end = 0; end < partLength - 1; end += 1) hash = (Math.imul(hash, HASH_FACTOR) + (codes[end] as number)) | 0;
  for (let end = partLength - 1; end < codes.length; end += 1) {
    const left = end >= partLength ? Math.imul(outgoing, codes[end - partLength] as number) : 0;
    hash = (Math.imul(hash, HASH_FACTOR) + (codes[end] as number) - left) | 0;
    if (isUsed[slotOf(hash)] === 1) index.take(hash, codes, end - partLength + 1, partLength);
  }
}

/** A long text is searched in pieces that stay in the processor's cache. In characters. */
const PIECE_LENGTH = 16_384;

/** Marks the parts of the views that occur in `texts`, in one pass over them. */
function markParts(views: readonly SearchedView[], texts: readonly string[], partLength: number): void {
  const index = new PartIndex(views, partLength);
  let outgoing = 1;
  for (let count = 0; count < partLength; count += 1) outgoing = Math.imul(outgoing, HASH_FACTOR);
  for (const text of texts) {
    for (let start = 0; start < text.length; start += PIECE_LENGTH)
      markPartsIn(fold(text.slice(start, start + PIECE_LENGTH + partLength - 1)), index, partLength, outgoing);
  }
}

/** Marks where the views contain one of `texts` as a whole. */
function markWholes(views: readonly SearchedView[], texts: Iterable<string>): void {
  const folded = views.map((view) => ({ view, text: toText(view.codes) }));
  for (const searched of [...texts].map((text) => toText(fold(text)))) {
    for (const { view, text } of folded) {
      for (let at = text.indexOf(searched); at >= 0; at = text.indexOf(searched, at + 1))
        view.isInput.fill(1, at, at + searched.length);
    }
  }
}

function toRanges({ isInput, origins }: SearchedView): Range[] {
  const ranges: Range[] = [];
  for (let start = isInput.indexOf(1); start >= 0; start = isInput.indexOf(1, start)) {
    const next = isInput.indexOf(0, start);
    const end = next < 0 ? isInput.length : next;
    ranges.push({ start: origins[start] ?? 0, end: origins[end] ?? 0, replacement: INPUT });
    start = end;
  }
  return ranges;
}

/**
 * `text` without secrets and without the strings of `args`, because an error that quotes its arguments must not leak
 * them: also where they are cut, trimmed, in another case, escaped or percent-encoded. Only the beginning of a very long
 * text. Takes time in proportion to the arguments' length.
 */
export function removeLeakedArguments(text: string, args: unknown, declared: ReadonlySet<string>): string {
  const strings = collectStrings(args, declared);
  if (!strings) return WITHHELD;
  const examined = truncate(text, MAX_MESSAGE_LENGTH);
  const partLength = partLengthFor(strings.length);
  const short = new Set(strings.texts.filter(({ length }) => length < partLength));
  if (short.size > MAX_SHORT_STRINGS) return WITHHELD;
  const views = viewsOf(examined).map((view): SearchedView => {
    const codes = fold(view.text);
    return { ...view, codes, isInput: new Uint8Array(codes.length) };
  });
  markWholes(views, short);
  markParts(
    views,
    strings.texts.filter(({ length }) => length >= partLength),
    partLength,
  );
  return replaceRanges(examined, [...findSecrets(examined), ...views.flatMap(toRanges)]);
}
