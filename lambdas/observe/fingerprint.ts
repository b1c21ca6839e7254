import { createHash } from 'node:crypto';

/** Changes when the same error would get another fingerprint than before. */
const VERSION = 'v1';

/** `message` without what differs between two occurrences of the same error: ids, numbers, quoted values, paths. */
export const normalise = (message: string): string =>
  message
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>')
    .replace(/"[^"\n]{1,200}"|'[^'\n]{1,200}'|`[^`\n]{1,200}`/g, '<value>')
    .replace(/\b\d+(?:\.\d+)?\b/g, '<n>');

/** What groups "the same" error, made of words that all stand on the same line: name, code, type and message. */
export const fingerprint = (name: string, code: string, type: string, normalised: string): string =>
  `${VERSION}:${createHash('sha256').update([name, code, type, normalised].join('\n')).digest('hex').slice(0, 16)}`;
