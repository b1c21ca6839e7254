import { fitsInBytes, METADATA_DEPTH_LIMIT, METADATA_LIMIT_BYTES } from './limits.ts';

/**
 * What JSON can express and jsonb refuses: NUL, and half of a surrogate pair. An escaped backslash is matched too, so
 * that the `u` after it is not read as an escape.
 */
const REFUSED_BY_JSONB = /\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

const REPLACEMENTS: Record<string, string> = { '\\\\': '\\\\', '\\u0000': '' };
const REPLACEMENT_CHARACTER = '\ufffd';

/** JSON that jsonb accepts: NUL is removed, half of a surrogate pair becomes the replacement character. */
function toStorableJson(json: string): string {
  return json.includes('\\u')
    ? json.replace(REFUSED_BY_JSONB, (refused) => REPLACEMENTS[refused] ?? REPLACEMENT_CHARACTER)
    : json;
}

function isWithinDepth(value: unknown, left: number): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (left > 0 && Object.values(value).every((inner) => isWithinDepth(inner, left - 1)))
  );
}

/** Metadata as JSON that the store takes, or why it takes none of it. */
export type FittedMetadata = { json: string; isUnchanged: boolean } | { reason: string };

/** Holds metadata to its limits. Never throws. */
export function fitMetadata(metadata: object): FittedMetadata {
  try {
    const json = JSON.stringify(metadata) ?? '';
    const storable = toStorableJson(json);
    // First the size, because only then is the depth quickly known.
    if (!fitsInBytes(storable, METADATA_LIMIT_BYTES)) return { reason: `more than ${METADATA_LIMIT_BYTES} bytes` };
    if (!json.startsWith('{')) return { reason: 'not an object' };
    if (!isWithinDepth(metadata, METADATA_DEPTH_LIMIT)) {
      return { reason: `nested more than ${METADATA_DEPTH_LIMIT} deep` };
    }
    return { json: storable, isUnchanged: storable === json };
  } catch {
    return { reason: 'not JSON' };
  }
}
