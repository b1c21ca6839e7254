/** A text as its reader would see it, and where each of its characters stands in the text it was decoded from. */
export interface View {
  text: string;
  /** The position of each character in the original text, and behind them the original's length. */
  origins: Uint32Array;
}

/** A JSON text inside a JSON text inside a URL is decoded three times, and there are worse. */
const MAX_ROUNDS = 5;

const ENCODED = /%[\da-f]{2}|\\["'`\\/nrtbfux]|&(?:quot|amp|lt|gt|apos|#\d{2,3});/i;
const ENTITIES: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: ' ', f: ' ' };

/** What one encoded character is decoded to, and how long it is. */
type Decoded = [text: string, length: number];

/** The byte that `%XX` at `index` stands for; undefined where there is none. */
function readPercent(text: string, index: number): number | undefined {
  const digits = text.charCodeAt(index) === 37 ? text.slice(index + 1, index + 3) : '';
  return /^[\da-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/** How many bytes UTF-8 uses for a character that begins with `lead`. */
function countBytes(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

function decodePercent(text: string, index: number): Decoded | undefined {
  const lead = readPercent(text, index);
  if (lead === undefined) return undefined;
  const length = 3 * countBytes(lead);
  try {
    return [decodeURIComponent(text.slice(index, index + length)), length];
  } catch {
    return [String.fromCharCode(lead), 3];
  }
}

function decodeEscape(text: string, index: number): Decoded | undefined {
  const kind = text[index + 1] ?? '';
  if ('"\'`\\/'.includes(kind)) return kind === '' ? undefined : [kind, 2];
  const short = ESCAPES[kind];
  if (short) return [short, 2];
  const length = kind === 'u' ? 4 : 2;
  const digits = kind === 'u' || kind === 'x' ? text.slice(index + 2, index + 2 + length) : '';
  return digits.length === length && /^[\da-f]+$/i.test(digits)
    ? [String.fromCharCode(Number.parseInt(digits, 16)), length + 2]
    : undefined;
}

function decodeEntity(text: string, index: number): Decoded | undefined {
  const [entity, name] = /^&(\w{2,4}|#\d{2,3});/.exec(text.slice(index, index + 7)) ?? [];
  if (!entity || !name) return undefined;
  const decoded = name.startsWith('#') ? String.fromCharCode(Number(name.slice(1))) : ENTITIES[name];
  return decoded === undefined ? undefined : [decoded, entity.length];
}

const DECODERS: Record<string, (text: string, index: number) => Decoded | undefined> = {
  '%': decodePercent,
  '\\': decodeEscape,
  '&': decodeEntity,
};

function decodeOnce({ text, origins }: View): View {
  let decoded = '';
  const positions: number[] = [];
  for (let index = 0; index < text.length; ) {
    const character = text[index] ?? '';
    const [part, length] = DECODERS[character]?.(text, index) ?? [character, 1];
    for (let offset = 0; offset < part.length; offset += 1) positions.push(origins[index] ?? 0);
    decoded += part;
    index += length;
  }
  positions.push(origins[text.length] ?? 0);
  return { text: decoded, origins: Uint32Array.from(positions) };
}

/**
 * `text` as it is, and decoded once and again, as long as that changes it: percent encoding, the escapes of
 * JSON and JavaScript, and the entities of XML. Takes time in proportion to the text's length.
 */
export function viewsOf(text: string): View[] {
  const views: View[] = [{ text, origins: Uint32Array.from({ length: text.length + 1 }, (_, index) => index) }];
  for (let view = views[0]; view && views.length <= MAX_ROUNDS && ENCODED.test(view.text); view = views.at(-1)) {
    const decoded = decodeOnce(view);
    if (decoded.text === view.text) break;
    views.push(decoded);
  }
  return views;
}
