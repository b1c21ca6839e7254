const REDACTED = '[redacted]';
const CUT_MARK = '…';
/** The rest of a longer text is neither examined nor retained. In characters. */
const MAX_TEXT_LENGTH = 8_192;

/** `text` in at most `limit` characters; a mark shows that it was cut. */
export const truncate = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - CUT_MARK.length).replace(/[\ud800-\udbff]$/, '')}${CUT_MARK}`;

const SENSITIVE_WORDS =
  'passwords?|passwd|passphrase|pwd|secret|tokens?|api[-_ ]?keys?|access[-_ ]?keys?|' +
  'private[-_ ]?keys?|signing[-_ ]?key|encryption[-_ ]?key|authorization|credentials?|cookies?|jwt|bearer|' +
  'card[-_ ]?number|cvv|cvc|ssn|iban|account[-_ ]?number|otp|connection[-_ ]?string|database[-_ ]?url|dsn';

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
};

type SecretPattern = [pattern: RegExp, replacement: string | ((match: string) => string)];

/** Creates a value on first use: compiling the regular expressions would be most of the cost of importing this file. */
const createLazily = <Value>(create: () => Value): (() => Value) => {
  let value: Value | undefined;
  return () => {
    value ??= create();
    return value;
  };
};

const getSensitiveKeyPattern = createLazily(() => new RegExp(`(?:^|[^a-z])(?:${SENSITIVE_WORDS})(?:[^a-z]|$)`, 'i'));

/** True for a key whose value is secret: `password`, `apiKey`, `x-auth-token`, … */
export const isSensitiveKey = (key: string): boolean =>
  getSensitiveKeyPattern().test(key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2'));

/**
 * The formats of secrets, in the order in which they are replaced. All are bounded or linear, because the text is
 * untrusted.
 */
const getSecretPatterns = createLazily((): SecretPattern[] => [
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
      `([\\w-]{0,40}(?:${SENSITIVE_WORDS})[\\w-]{0,40}["']?\\s{0,3}[:=]\\s{0,3})` +
        `("[^"\\n]*"?|'[^'\\n]*'?|[^\\s"',;&}]+)`,
      'gi',
    ),
    `$1${REDACTED}`,
  ],
  [/\d(?:[ -]?\d){12,18}/g, (match) => (passesLuhn(match.replace(/\D/g, '')) ? REDACTED : match)],
]);

/**
 * Matches every text that can contain a secret, so that most texts need only this one test. It does not use the flag
 * `i`, whose tables would delay the first call.
 */
const getSuspicionPattern = createLazily(
  () =>
    new RegExp(
      `[@="':]|eyJ|KEY-----|[Bb](?:[Ee][Aa][Rr][Ee][Rr]|[Aa][Ss][Ii][Cc])\\s|A[A-Z]{2}A[A-Z\\d]{12}|` +
        '[A-Za-z\\d/+]{40}|(?:sk|pk|rk|whsec|gh[oprsu]|github_pat|xox[a-z]|glpat|npm|hf|shpat|shpss|dop_v1)[-_]|' +
        'AIza|SG\\.|ya29|\\d(?:[ -]?\\d){12}',
    ),
);

/** `text` with secrets replaced, recognised by their format; only its beginning when it is very long. */
export const redactText = (text: string): string => {
  let clean = truncate(text, MAX_TEXT_LENGTH);
  if (!getSuspicionPattern().test(clean)) return clean;
  for (const [pattern, replacement] of getSecretPatterns()) {
    clean = typeof replacement === 'string' ? clean.replace(pattern, replacement) : clean.replace(pattern, replacement);
  }
  return clean;
};

/** Control characters and unpaired surrogates. Written as ranges, because `\p{Cc}` would load tables. */
const getUnprintablePattern = createLazily(
  () => /[^ -~\u00a0-\uffff]+|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
);

/** `text` on one line, printable, with secrets replaced, in at most `limit` characters. */
export const toPlainText = (text: string, limit: number): string =>
  truncate(redactText(text).replace(getUnprintablePattern(), ' '), limit);

/** Limits of a redacted value, which a person must be able to read. */
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_STRING_LENGTH = 2_000;
const MAX_KEY_LENGTH = 128;

/** A bounded JSON copy of `value` with secrets redacted at any depth, by key and by format. Never throws. */
export const redactValue = (value: unknown, depth = 0): unknown => {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return toPlainText(value, MAX_STRING_LENGTH);
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth >= MAX_DEPTH) return CUT_MARK;
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
    const items = value.slice(0, MAX_ITEMS).map((item) => redactValue(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, CUT_MARK] : items;
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const redacted = entries
    .slice(0, MAX_ITEMS)
    .map(([key, item]) => [
      toPlainText(String(key), MAX_KEY_LENGTH),
      isSensitiveKey(String(key)) ? REDACTED : redactValue(item, depth + 1),
    ]);
  if (entries.length > MAX_ITEMS) redacted.push([CUT_MARK, entries.length - MAX_ITEMS]);
  return Object.fromEntries(redacted);
};

/** A replacer for `JSON.stringify` that redacts by key and by format. */
export const redactReplacer = (key: string, value: unknown): unknown => {
  if (key !== '' && value !== undefined && isSensitiveKey(key)) return REDACTED;
  if (value instanceof Error) return redactValue(value);
  return typeof value === 'string' ? redactText(value) : value;
};
