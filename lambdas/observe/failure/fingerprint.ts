import { loadNodeCrypto } from '../line/node-crypto.ts';
import { toPlainText, truncate } from '../privacy/redact.ts';

/** The rest of a longer message is ignored. In characters. */
const MAX_MESSAGE_LENGTH = 4_096;

/** Must change when the algorithm changes, so that fingerprints of different algorithms are never compared. */
const FINGERPRINT_VERSION = 'v1';

const createReplacements = (): [RegExp, string][] => [
  [/\b(https?:\/\/[^\s/?#"'<>]{1,255})[^\s"'<>)]*/g, '$1/<path>'],
  [/(?<!\w)(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'(?!\w)|`[^`\n]{0,200}`)/g, '<value>'],
  [/(?<![\w/<])(?:file:\/\/)?(?:\/[\w.@+-]{1,255}){2,}\/?(?::\d+){0,2}/g, '<path>'],
  [/\b[A-Z]:\\[^\s"'<>|]{1,255}/g, '<path>'],
  [/(?<![\w-])\d+(?:[.,:]\d+)*(?![\w-])/g, '<n>'],
  [/(?<![\w<-])(?=[\w-]{0,200}\d)[\w-]{1,200}/g, '<id>'],
];

/**
 * `message` without what differs between two occurrences of the same error: ids, numbers, quoted values and paths. The
 * result is also redacted, and on one line.
 */
export const normalise = (message: string, limit: number): string => {
  const plain = toPlainText(message, MAX_MESSAGE_LENGTH);
  return truncate(
    createReplacements()
      .reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), plain)
      .trim(),
    limit,
  );
};

/** Groups occurrences of the same error. The line contains all of its inputs, so a reader can recompute it. */
export const computeFingerprint = (name: string, code: string, type: string, normalised: string): string => {
  const hash = loadNodeCrypto().createHash('sha256').update([name, code, type, normalised].join('\n')).digest('hex');
  return `${FINGERPRINT_VERSION}:${hash.slice(0, 16)}`;
};
