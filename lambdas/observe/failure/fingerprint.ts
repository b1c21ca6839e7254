import { loadNodeCrypto } from '../line/node-crypto.ts';
import { MAX_MESSAGE_LENGTH } from '../privacy/argument-leakage.ts';
import { toPlainText, truncate } from '../privacy/redact.ts';

/** Must change when the algorithm changes, so that fingerprints of different algorithms are never compared. */
const FINGERPRINT_VERSION = 'v2';

type Replacement = string | ((match: string, position: number, text: string) => string);

/** What stands before the status of an answer: `answered 503`, `status code: 503`, `HTTP/1.1 503`. */
const BEFORE_STATUS =
  /\b(?:http(?:\/(?:[\d.]{1,3}|<n>))?|status|code|answer(?:s|ed)|respond(?:s|ed)|repl(?:ies|ied)|failed)(?:[ _]?(?:with|code|status|http)){0,3}[ :=]{0,3}$/i;
const MAX_BEFORE_STATUS = 48;

/** True for the status of an answer. Numbers differ each time, but this one tells why the call failed. */
const isStatus = (match: string, position: number, text: string): boolean =>
  /^[1-5]\d\d$/.test(match) && BEFORE_STATUS.test(text.slice(Math.max(0, position - MAX_BEFORE_STATUS), position));

const replaceUnlessStatus =
  (replacement: string) =>
  (match: string, position: number, text: string): string =>
    isStatus(match, position, text) ? match : replacement;

/** Before a property that the engine names: `(reading 'x')`, `property 'x' of`. It is a name in the code, and no value. */
const BEFORE_PROPERTY = /(?:\((?:reading|setting) |\bproperty )$/;
const PROPERTY = /^'[A-Za-z_$][\w$]{0,63}'$/;

const replaceUnlessProperty = (match: string, position: number, text: string): string =>
  PROPERTY.test(match) && BEFORE_PROPERTY.test(text.slice(Math.max(0, position - MAX_BEFORE_STATUS), position))
    ? match
    : '<value>';

const createReplacements = (): [RegExp, Replacement][] => [
  [/\b(https?:\/\/[^\s/?#"'<>]{1,255})[^\s"'<>)]*/g, '$1/<path>'],
  [/(?<!\w)(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'(?!\w)|`[^`\n]{0,200}`)/g, replaceUnlessProperty],
  [/(?<![\w/<])(?:file:\/\/)?(?:\/[\w.@+-]{1,255}){2,}\/?(?::\d+){0,2}/g, '<path>'],
  [/\b[A-Z]:\\[^\s"'<>|]{1,255}/g, '<path>'],
  [/(?<![\w-])\d+(?:[.,:]\d+)*(?![\w-])/g, replaceUnlessStatus('<n>')],
  [/(?<![\w<-])(?=[\w-]{0,200}\d)[\w-]{1,200}/g, replaceUnlessStatus('<id>')],
];

/**
 * `message` without what differs between two occurrences of the same error: ids, numbers, quoted values and paths. The
 * result is also redacted, and on one line.
 */
export const normalise = (message: string, limit: number): string => {
  const plain = toPlainText(message, MAX_MESSAGE_LENGTH);
  return truncate(
    createReplacements()
      .reduce(
        (text, [pattern, replacement]) =>
          typeof replacement === 'string' ? text.replace(pattern, replacement) : text.replace(pattern, replacement),
        plain,
      )
      .trim(),
    limit,
  );
};

/** Groups occurrences of the same error. The line contains all of its inputs, so a reader can recompute it. */
export const computeFingerprint = (name: string, code: string, type: string, normalised: string): string => {
  const hash = loadNodeCrypto().createHash('sha256').update([name, code, type, normalised].join('\n')).digest('hex');
  return `${FINGERPRINT_VERSION}:${hash.slice(0, 16)}`;
};
