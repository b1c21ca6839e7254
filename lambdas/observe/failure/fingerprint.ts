import { loadNodeCrypto } from '../line/node-crypto.ts';
import { toPlainText, truncate } from '../privacy/redact.ts';

/** More of a message than this is not looked at. In characters. */
const LOOKED_AT = 4_096;

/** Changes when the same error would get another fingerprint than before. */
export const FINGERPRINT_VERSION = 'v1';

const replacements = (): [RegExp, string][] => [
  [/\b(https?:\/\/[^\s/?#"'<>]{1,255})[^\s"'<>)]*/g, '$1/<path>'],
  [/(?<!\w)(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'(?!\w)|`[^`\n]{0,200}`)/g, '<value>'],
  [/(?<![\w/<])(?:file:\/\/)?(?:\/[\w.@+-]{1,255}){2,}\/?(?::\d+){0,2}/g, '<path>'],
  [/\b[A-Z]:\\[^\s"'<>|]{1,255}/g, '<path>'],
  [/(?<![\w-])\d+(?:[.,:]\d+)*(?![\w-])/g, '<n>'],
  [/(?<![\w<-])(?=[\w-]{0,200}\d)[\w-]{1,200}/g, '<id>'],
];

/**
 * `message` without what differs between two occurrences of the same error: ids, numbers, quoted values and paths. It is
 * redacted too, and on one line.
 */
export const normalise = (message: string, limit: number): string => {
  const plain = toPlainText(message, LOOKED_AT);
  return truncate(
    replacements()
      .reduce((text, [what, by]) => text.replace(what, by), plain)
      .trim(),
    limit,
  );
};

/** What groups "the same" error. Its parts all stand on the same line, so that it can be explained. */
export const computeFingerprint = (name: string, code: string, type: string, normalised: string): string =>
  `${FINGERPRINT_VERSION}:${loadNodeCrypto().createHash('sha256').update([name, code, type, normalised].join('\n')).digest('hex').slice(0, 16)}`;
