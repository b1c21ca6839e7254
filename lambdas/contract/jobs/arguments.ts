import { LONE_SURROGATES } from '../limits.ts';

/** What arrived, before it is a tool's arguments. */
interface Arrived {
  readonly payload: Uint8Array;
  /** Absent where the sender stated none: then it is JSON. */
  readonly contentType?: string | undefined;
  /** The one argument that gets the body; absent where the body's own keys are the arguments. */
  readonly argument?: string | undefined;
}

/** A tool's arguments, or why there are none, in a sentence for the sender. */
export type ReadArguments = { readonly arguments: Record<string, unknown> } | { readonly problem: string };

/** Deeper nesting exhausts the stack of whoever writes it as JSON again. */
const DEPTH_LIMIT = 64;
const FORM = 'application/x-www-form-urlencoded';
const MEDIA_TYPE = /^\s*([\w.+-]+\/[\w.+-]+)\s*(?:;|$)/;

/** The media type alone, in lower case: `application/json`. Undefined for a text that is none. */
export function mediaTypeOf(contentType: string): string | undefined {
  return MEDIA_TYPE.exec(contentType)?.[1]?.toLowerCase();
}

/** Whether its body is JSON or a form, whose keys can be arguments. */
export function hasKeys(mediaType: string | undefined): boolean {
  return mediaType === undefined || mediaType === FORM || isJson(mediaType);
}

function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType);
}

class TooDeep extends Error {}

/** Without what PostgreSQL does not store as text or in jsonb: as the texts of records are cleaned. */
function cleanText(text: string): string {
  return text.replaceAll('\0', '').replace(LONE_SURROGATES, '\ufffd');
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) throw new TooDeep();
  if (Array.isArray(value)) return value.map((part) => cleanValue(part, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [cleanText(key), cleanValue(part, depth - 1)]));
}

/** The fields of a form, each a text; a list of texts where it is repeated. */
export function readForm(text: string): Record<string, string | string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

function readBody(text: string, mediaType: string | undefined): unknown {
  if (mediaType === FORM) return readForm(text);
  // Of other types the body is a text.
  return hasKeys(mediaType) ? JSON.parse(text) : text;
}

function readText(payload: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return undefined;
  }
}

/**
 * The arguments that a tool is called with for what arrived: the keys of a JSON object or of a form, or one argument with
 * the whole body, which is a value for JSON, an object for a form, and a text for anything else. Whoever accepts a job and
 * whoever makes it read the same by it.
 */
export function readArguments({ payload, contentType, argument }: Arrived): ReadArguments {
  const mediaType = contentType === undefined ? undefined : mediaTypeOf(contentType);
  const text = readText(payload);
  if (text === undefined) return { problem: 'The body is not text in UTF-8.' };
  let body: unknown;
  try {
    body = cleanValue(readBody(text, mediaType), DEPTH_LIMIT);
  } catch (error) {
    if (error instanceof TooDeep) return { problem: `The body nests deeper than ${DEPTH_LIMIT} levels.` };
    return { problem: 'The body is not JSON.' };
  }
  if (argument !== undefined) return { arguments: { [argument]: body } };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { problem: 'The body is not a JSON object, whose keys would be the arguments.' };
  }
  return { arguments: body as Record<string, unknown> };
}
