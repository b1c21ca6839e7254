const REDACTED = '[redacted]';
const CUT_MARK = '…';
/** More of a text than this is not looked at, nor kept. In characters. */
const LOOKED_AT = 8_192;

/** `text` in at most `limit` characters, with a mark when something was cut. */
export const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - CUT_MARK.length).replace(/[\ud800-\udbff]$/, '')}${CUT_MARK}`;

const SENSITIVE_WORDS =
  'passwords?|passwd|passphrase|pwd|secret|tokens?|api[-_ ]?keys?|access[-_ ]?keys?|private[-_ ]?keys?|signing[-_ ]?key|' +
  'encryption[-_ ]?key|authorization|credentials?|cookies?|jwt|bearer|card[-_ ]?number|cvv|cvc|ssn|iban|' +
  'account[-_ ]?number|otp|connection[-_ ]?string|database[-_ ]?url|dsn';
const SENSITIVE_KEY = new RegExp(`(?:^|[^a-z])(?:${SENSITIVE_WORDS})(?:[^a-z]|$)`, 'i');

/** True when what stands under this key is nobody else's business: `password`, `apiKey`, `x-auth-token`, … */
export const isSensitiveKey = (key: string): boolean =>
  SENSITIVE_KEY.test(key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2'));

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
};

type Shape = [RegExp, string | ((match: string) => string)];

/** What secrets look like, in the order they are looked for. Each alternative is bounded or linear: the text is a stranger's. */
const SHAPES: Shape[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(authorization|(?:set-)?cookie)(["']?\s*[:=])[^\n]*/gi, `$1$2 ${REDACTED}`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, REDACTED],
  [/\b([a-z][a-z\d+.-]{1,30}:\/\/)[^\s"'<>]*@/gi, `$1${REDACTED}@`],
  [/\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[A-Z\d]{12,}\b/g, REDACTED],
  [/(?<![\w/+=-])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z\d/+]{40}(?![\w/+=-])/g, REDACTED],
  [/\b(?:sk|pk|rk|whsec)[-_][\w-]{10,}|\bgh[oprsu]_\w{16,}|\bgithub_pat_\w{16,}|\bxox[a-z]-[\w-]{8,}/g, REDACTED],
  [/\bglpat-[\w-]{8,}|\bAIza[\w-]{20,}|\bSG\.[\w-]{8,}\.[\w-]{8,}|\bya29\.[\w-]{16,}/g, REDACTED],
  [/\b(?:npm|hf|shpat|shpss|dop_v1)_\w{16,}/g, REDACTED],
  [/[^\s@"'<>,;:()[\]{}=]{1,64}@[^\s@"'<>,;:()[\]{}=/]{1,190}\.[a-z]{2,24}/gi, REDACTED],
  [
    new RegExp(
      `([\\w-]{0,40}(?:${SENSITIVE_WORDS})[\\w-]{0,40}["']?\\s{0,3}[:=]\\s{0,3})("[^"\\n]*"?|'[^'\\n]*'?|[^\\s"',;&}]+)`,
      'gi',
    ),
    `$1${REDACTED}`,
  ],
  [/\b\d(?:[ -]?\d){12,18}\b/g, (match) => (passesLuhn(match.replace(/\D/g, '')) ? REDACTED : match)],
];

/** Cheap proof that no shape can match: each needs one of these. */
const SUSPICIOUS = /[@:=/+]|eyJ|\d(?:[ -]?\d){12}|[a-z]\s+\S{6}|[-_.]\w{8}|[A-Z\d]{16}|\w{40}/i;

/** `text` without what has the shape of a secret; no more than its beginning when it is huge. */
export const redactText = (text: string): string => {
  const looked = cut(text, LOOKED_AT);
  if (!SUSPICIOUS.test(looked)) return looked;
  let clean = looked;
  for (const [shape, by] of SHAPES)
    clean = typeof by === 'string' ? clean.replace(shape, by) : clean.replace(shape, by);
  return clean;
};

/** No deeper, wider or longer than a person reads. */
const DEEPEST = 8;
const WIDEST = 100;
const LONGEST = 2_000;

/** A copy of `value` as JSON with secrets redacted at any depth, by key and by shape, and everything bounded. Never throws. */
export const redactValue = (value: unknown, depth = 0): unknown => {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return cut(redactText(value), LONGEST);
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
  if (value instanceof Error) return { name: redactText(value.name), message: redactValue(value.message) };
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (Array.isArray(value)) {
    const kept = value.slice(0, WIDEST).map((item) => redactValue(item, depth + 1));
    return value.length > WIDEST ? [...kept, CUT_MARK] : kept;
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const kept = entries
    .slice(0, WIDEST)
    .map(([key, item]) => [
      cut(redactText(String(key)), 128),
      isSensitiveKey(String(key)) ? REDACTED : redactValue(item, depth + 1),
    ]);
  if (entries.length > WIDEST) kept.push([CUT_MARK, entries.length - WIDEST]);
  return Object.fromEntries(kept);
};

/** For `JSON.stringify`: redacts by key and by shape on the way. */
export const redactingReplacer = (key: string, value: unknown): unknown => {
  if (key !== '' && value !== undefined && isSensitiveKey(key)) return REDACTED;
  if (value instanceof Error) return redactValue(value);
  return typeof value === 'string' ? redactText(value) : value;
};
