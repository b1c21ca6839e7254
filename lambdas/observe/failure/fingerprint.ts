import { loadNodeCrypto } from '../line/node-modules.ts';
import { MAX_MESSAGE_LENGTH } from '../privacy/argument-leakage.ts';
import { toPlainText, truncate } from '../privacy/redact.ts';

/** Must change when the algorithm changes, so that fingerprints of different algorithms are never compared. */
const FINGERPRINT_VERSION = 'v3';

type Replacement = string | ((match: string, position: number, text: string) => string);

/** What stands before the status of an answer: `answered 503`, `status code: 503`, `HTTP/1.1 503`. */
const BEFORE_STATUS =
  /\b(?:http(?:\/(?:[\d.]{1,3}|<n>))?|status|code|answer(?:s|ed)|respond(?:s|ed)|repl(?:ies|ied)|failed)(?:[ _]?(?:with|code|status|http)){0,3}[ :=]{0,3}$/i;
const MAX_BEFORE_STATUS = 48;

/** True for the status of an answer. Numbers differ each time, but this one tells why the call failed. */
function isStatus(match: string, position: number, text: string): boolean {
  return (
    /^[1-5]\d\d$/.test(match) && BEFORE_STATUS.test(text.slice(Math.max(0, position - MAX_BEFORE_STATUS), position))
  );
}

function replaceUnlessStatus(replacement: string) {
  return (match: string, position: number, text: string): string =>
    isStatus(match, position, text) ? match : replacement;
}

/** Before a property that the engine names: `(reading 'x')`, `property 'x' of`. It is a name in the code, and no value. */
const BEFORE_PROPERTY = /(?:\((?:reading|setting) |\bproperty )$/;
const PROPERTY = /^'[A-Za-z_$][\w$]{0,63}'$/;

function replaceUnlessProperty(match: string, position: number, text: string): string {
  return PROPERTY.test(match) && BEFORE_PROPERTY.test(text.slice(Math.max(0, position - MAX_BEFORE_STATUS), position))
    ? match
    : '<value>';
}

/** `Fri, 20 Nov 2026 10:02:03 GMT`, `November 20, 2026`, and what `String(new Date())` writes. */
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? ';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const CLOCK =
  '(?:,? \\d{1,2}:\\d\\d(?::\\d\\d)?(?: ?[AaPp][Mm])?)?(?: (?:GMT|UTC)(?:[+-]\\d{4})?)?(?: \\([A-Z][^()]{1,60}\\))?';
const WRITTEN_TIME = `\\b(?:${DAY})?(?:\\d{1,2}[ -]${MONTH}|${MONTH} \\d{1,2}),?[ -]\\d{4}\\b${CLOCK}`;

/** An address of IPv6, with a digit, so that `a::b` in code is none. */
const GROUP = '[\\da-fA-F]{1,4}';
const GROUPS = `${GROUP}(?::${GROUP}){0,6}`;
const IPV6 = `(?<![\\w:])(?=[\\da-fA-F:]{0,40}\\d)(?:(?:${GROUP}:){7}${GROUP}|(?:${GROUPS})?::(?:${GROUPS})?)(?!\\w)`;

function createReplacements(): [RegExp, Replacement][] {
  return [
    [/\b(https?:\/\/[^\s/?#"'<>]{1,255})[^\s"'<>)]*/g, '$1/<path>'],
    [/(?<!\w)(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'(?!\w)|`[^`\n]{0,200}`)/g, replaceUnlessProperty],
    // Base64, whose own signs would divide it.
    [
      /(?<![\w+/<.-])(?=[A-Za-z+/]{0,200}\d)(?=[a-z\d+/]{0,200}[A-Z])(?=[A-Z\d+/]{0,200}[a-z])[A-Za-z\d+][A-Za-z\d+/]{11,2000}={0,2}(?![\w+/=])/g,
      '<id>',
    ],
    [/(?<![\w/<])(?:file:\/\/)?(?:\/[\w.@+-]{1,255}){2,}\/?(?::\d+){0,2}/g, '<path>'],
    [/\b[A-Z]:\\[^\s"'<>|]{1,255}/g, '<path>'],
    [new RegExp(WRITTEN_TIME, 'g'), '<time>'],
    [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?(?:\d\d)?)?)?(?![\w-])/g, '<time>'],
    [/\b\d{1,2}:\d\d(?::\d\d)? ?[AaPp][Mm]\b/g, '<time>'],
    [new RegExp(IPV6, 'g'), '<n>'],
    // Hexadecimal digits that happen to be letters only.
    [/(?<![\w-])(?:[a-f]{8,}|[A-F]{8,})(?![\w-])/g, '<id>'],
    [/(?<![\w-])\d+(?:[.,:]\d+)*(?![\w-])/g, replaceUnlessStatus('<n>')],
    [/(?<![\w<-])(?=[\w-]{0,200}\d)[\w-]{1,200}/g, replaceUnlessStatus('<id>')],
  ];
}

/**
 * `message` without what differs between two occurrences of the same error: ids, numbers, quoted values and paths. The
 * result is also redacted, and on one line.
 */
export function normalise(message: string, limit: number): string {
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
}

/**
 * What stands for numbers, ids, paths, secrets and arguments, one or several in a row: which of them it is may be chance.
 * One id of a hundred has no letter, or the digits of a credit card; one path has a part like the key of an API; one
 * number is negative; one list is longer.
 */
const PLACEHOLDER = '(?:<(?:n|id|input|path)>|\\[redacted\\])';
const PLACEHOLDERS = `[\\w/-]{0,64}${PLACEHOLDER}[\\w-]{0,64}(?:[.:,/+-]{0,2} ?[\\w-]{0,64}${PLACEHOLDER}[\\w-]{0,64})*={0,2}`;

/** Groups occurrences of the same error. The line contains all of its inputs, so a reader can recompute it. */
export function computeFingerprint(name: string, code: string, type: string, normalised: string): string {
  const inputs = [name, code, type, normalised.replace(new RegExp(PLACEHOLDERS, 'g'), '<id>')];
  const hash = loadNodeCrypto().createHash('sha256').update(inputs.join('\n')).digest('hex');
  return `${FINGERPRINT_VERSION}:${hash.slice(0, 16)}`;
}
