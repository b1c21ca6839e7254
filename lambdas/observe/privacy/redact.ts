const REDACTED = '[redacted]';
const CUT_MARK = '…';
/** More of a text than this is not looked at, nor kept. In characters. */
const LOOKED_AT = 8_192;

/** `text` in at most `limit` characters, with a mark when something was cut. */
export const truncate = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - CUT_MARK.length).replace(/[\ud800-\udbff]$/, '')}${CUT_MARK}`;

const SENSITIVE_WORDS =
  'passwords?|passwd|passphrase|pwd|secret|tokens?|api[-_ ]?keys?|access[-_ ]?keys?|private[-_ ]?keys?|signing[-_ ]?key|' +
  'encryption[-_ ]?key|authorization|credentials?|cookies?|jwt|bearer|card[-_ ]?number|cvv|cvc|ssn|iban|' +
  'account[-_ ]?number|otp|connection[-_ ]?string|database[-_ ]?url|dsn';

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
};

type Shape = [RegExp, string | ((match: string) => string)];

/** Made when first needed: reading a dozen expressions would be most of what importing this costs. */
const once = <Value>(make: () => Value): (() => Value) => {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

const sensitiveKey = once(() => new RegExp(`(?:^|[^a-z])(?:${SENSITIVE_WORDS})(?:[^a-z]|$)`, 'i'));

/** True when what stands under this key is nobody else's business: `password`, `apiKey`, `x-auth-token`, … */
export const isSensitiveKey = (key: string): boolean =>
  sensitiveKey().test(key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2'));

/** What secrets look like, in the order they are looked for. Each alternative is bounded or linear: the text is a stranger's. */
const shapes = once((): Shape[] => [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(authorization|(?:set-)?cookie)(["']?\s*[:=])[^\n]*/gi, `$1$2 ${REDACTED}`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  [/eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, REDACTED],
  [/\b([a-z][a-z\d+.-]{1,30}:\/\/)[^\s"'<>]*@/gi, `$1${REDACTED}@`],
  [/(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[A-Z\d]{12,}/g, REDACTED],
  [/(?<![\w/+=-])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z\d/+]{40}(?![\w/+=-])/g, REDACTED],
  [/\b(?:sk|pk|rk|whsec)[-_][\w-]{10,}|gh[oprsu]_\w{16,}|github_pat_\w{16,}|xox[a-z]-[\w-]{8,}/g, REDACTED],
  [/glpat-[\w-]{8,}|AIza[\w-]{20,}|SG\.[\w-]{8,}\.[\w-]{8,}|ya29\.[\w-]{16,}/g, REDACTED],
  [/\b(?:npm|hf|shpat|shpss|dop_v1)_\w{16,}/g, REDACTED],
  [/[^\s@"'<>,;:()[\]{}=]{1,64}@[^\s@"'<>,;:()[\]{}=/]{1,190}\.[a-z]{2,24}/gi, REDACTED],
  [
    new RegExp(
      `([\\w-]{0,40}(?:${SENSITIVE_WORDS})[\\w-]{0,40}["']?\\s{0,3}[:=]\\s{0,3})("[^"\\n]*"?|'[^'\\n]*'?|[^\\s"',;&}]+)`,
      'gi',
    ),
    `$1${REDACTED}`,
  ],
  [/\d(?:[ -]?\d){12,18}/g, (match) => (passesLuhn(match.replace(/\D/g, '')) ? REDACTED : match)],
]);

/**
 * Something without which none of the shapes can be there; most texts have none of it, and are done. Written without
 * the flag `i`, whose tables a first call would have to wait for.
 */
const suspicious = once(
  () =>
    new RegExp(
      `[@="':]|eyJ|KEY-----|[Bb](?:[Ee][Aa][Rr][Ee][Rr]|[Aa][Ss][Ii][Cc])\\s|A[A-Z]{2}A[A-Z\\d]{12}|[A-Za-z\\d/+]{40}|` +
        '(?:sk|pk|rk|whsec|gh[oprsu]|github_pat|xox[a-z]|glpat|npm|hf|shpat|shpss|dop_v1)[-_]|AIza|SG\\.|ya29|\\d(?:[ -]?\\d){12}',
    ),
);

/** `text` without what has the shape of a secret; no more than its beginning when it is huge. */
export const redactText = (text: string): string => {
  let clean = truncate(text, LOOKED_AT);
  if (!suspicious().test(clean)) return clean;
  for (const [shape, by] of shapes())
    clean = typeof by === 'string' ? clean.replace(shape, by) : clean.replace(shape, by);
  return clean;
};

/** Control characters and halves of characters, which no reader and no column wants. Ranges, because `\p{Cc}` loads tables. */
const unprintable = once(
  () => /[^ -~\u00a0-\uffff]+|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
);

/** `text` on one line, printable, without what has the shape of a secret, in at most `limit` characters. */
export const toPlainText = (text: string, limit: number): string =>
  truncate(redactText(text).replace(unprintable(), ' '), limit);

/** No deeper, wider or longer than a person reads. */
const DEEPEST = 8;
const WIDEST = 100;
const LONGEST = 2_000;

/** A copy of `value` as JSON with secrets redacted at any depth, by key and by shape, and everything bounded. Never throws. */
export const redactValue = (value: unknown, depth = 0): unknown => {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return toPlainText(value, LONGEST);
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth >= DEEPEST) return CUT_MARK;
  try {
    return redactObject(value, depth);
  } catch {
    return '[unreadable]';
  }
};

const redactObject = (value: object, depth: number): unknown => {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return { name: redactValue(value.name), message: redactValue(value.message) };
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (Array.isArray(value)) {
    const kept = value.slice(0, WIDEST).map((item) => redactValue(item, depth + 1));
    return value.length > WIDEST ? [...kept, CUT_MARK] : kept;
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const kept = entries
    .slice(0, WIDEST)
    .map(([key, item]) => [
      toPlainText(String(key), 128),
      isSensitiveKey(String(key)) ? REDACTED : redactValue(item, depth + 1),
    ]);
  if (entries.length > WIDEST) kept.push([CUT_MARK, entries.length - WIDEST]);
  return Object.fromEntries(kept);
};

/** For `JSON.stringify`: redacts by key and by shape on the way. */
export const redactReplacer = (key: string, value: unknown): unknown => {
  if (key !== '' && value !== undefined && isSensitiveKey(key)) return REDACTED;
  if (value instanceof Error) return redactValue(value);
  return typeof value === 'string' ? redactText(value) : value;
};
