import { createLazily } from './sensitive-keys.ts';

/**
 * How the tokens of known services begin. The list is that of gitleaks (MIT licence, rules of version 8.30), of which we
 * take the rules that recognise a token by itself, without the lengths: a token that was cut is still secret.
 */
const PREFIXES = [
  ...['A3-', 'ABSK', 'AGE-SECRET-KEY-', 'AIza', 'AKCp', 'AQVN', 'ATATT3', 'ATCTT3', 'ATBB', 'CLOJARS_', 'EAA[ACM]'],
  ...['EZAK', 'EZTK', 'FLWSECK', 'FLWPUBK', 'GOCSPX-', 'GR1348941', 'HRKU-', 'LTAI', 'NRAK-', 'NRII-', 'NRJS-'],
  ...['PMAK-', 'SG\\.', 'T3BlbkFJ', 'bedrock-api-key-', 'dckr_[op]at_', 'do[opr]_v1_'],
  ...['dp\\.(?:ct|pt|st|sa|scim|audit)\\.', 'dt0[a-z]\\d\\d\\.', 'duffel_(?:live|test)_', 'figd_', 'fio-u-'],
  ...['fm[12][ar]?_', 'fo1_', 'gh[oprsu]_', 'github_pat_', 'gl(?:pat|rt|dt|ptt|ft|imt|agent|oas|soat|cbt|ffct)-'],
  ...['glc_', 'glsa_', 'gsk_', 'hv[bsr]\\.', 'lin_(?:api|oauth)_', 'ntn_', 'nvapi-', 'ops_eyJ', 'p8e-'],
  ...['pat[A-Za-z\\d]{14}\\.', '[ps]at\\.', 'pcsk_', 'pnu_', 'pplx-', 'pscale_(?:tkn|oauth|pw)_', 'pypi-', 'r8_'],
  ...['rdme_', 'rubygems_', 'sb_secret_', 'sbp_', 'sha256~', 'shippo_(?:live|test)_', 'shp(?:at|ca|pa|ss|tka|ua)_'],
  ...['s[kp]-ant-', 'sk-(?:proj|svcacct|admin|or)-', '(?:sk|pk|rk)_(?:live|test|prod)_', 'whsec_', 'sm_[aps]at_'],
  ...['sntry[su]_', 'sq0[a-z]{3}-', 'tfp_', 'xai-', 'xapp-', 'xkeysib-', 'xox[a-z]-', 'xoxe\\.', 'ya29\\.'],
];

/** Beginnings that names of ordinary things share: `key-value`, `re_check`. */
const AMBIGUOUS_PREFIXES = [
  ...[
    'API-',
    'cmVmd',
    'dapi',
    'dnkey-',
    'fal-',
    'hf_',
    'api_org_',
    'ico-',
    'secret_',
    'npm_',
    'ph[cx]_',
    'pul-',
    're_',
  ],
  ...['sgp_', '(?:sk|pk|rk|whsec)[-_]', 'tk-us-', 'vercel_', '[cC][ks]_'],
];

/** True for characters that no name has: a digit among them, or more letters on end than words have. */
function looksLikeToken(text: string): boolean {
  return /\d|[A-Za-z]{18}/.test(text);
}

function createPrefixPattern(prefixes: readonly string[]): RegExp {
  return new RegExp(`(?<![A-Za-z\\d_])(?:${prefixes.join('|')})[\\w.+/=~%-]{8,}`, 'g');
}

/** Formats of secrets; each is found by itself, and all take time in proportion to the text's length. */
function createFormats(): RegExp[] {
  return [
    createPrefixPattern(PREFIXES),
    /(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA|A3T[A-Z\d])[A-Z\d]{12,}/g,
    // Any PEM block, also one that is cut, and of which the line breaks are escaped.
    /-----BEGIN [^\n-]{1,60}-----[\s\S]*?(?:-----END [^\n-]{1,60}-----|$)/g,
    /eyJ[\w+/=.-]{10,}/g,
    /(?<=\bbearer\s{1,3})[\w.~+/=-]{6,}/gi,
    /(?<=\bbasic\s{1,3})(?=[a-z+/]{0,32}[A-Z\d=])[\w+/-]{6,}={0,2}/g,
    /(?<=\bBasic\s{1,3})[\w+/-]{8,}={0,2}/g,
    // A URL's user and password, in which anything may stand.
    /(?<=[a-z][a-z\d+.-]{1,30}:\/\/)[^\s"'<>]{0,512}@/gi,
    /(?<=(?:\s-u|--user)[ =]{1,3}["']?)[^\s"':]{1,64}:[^\s"']{1,200}/g,
    /(?<=\blogin\s{1,3}\S{1,64}\s{1,3}password\s{1,3})\S+/g,
    /(?<=\b(?:identified by|password)\s{1,3})'[^'\n]*'?/gi,
    // Hooks, whose path is their password.
    /(?<=hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/)[\w/+-]+/gi,
    /(?<=discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/)[\w/-]+/gi,
    /(?<=\.webhook\.office\.com\/)[\w/@-]+/gi,
    /(?<![\dA-Za-z])(?:bot)?\d{8,10}:AA[\w-]{30,}/g,
    // Keys of hexadecimal digits: Mailchimp's with its data centre, Mailgun's, Twilio's; and Azure's.
    /\bkey-[\da-f]{32}\b/g,
    /\b[\da-f]{32}-us\d{1,2}\b/g,
    /\b(?:SK|AC)[\da-f]{32}\b/g,
    /[\w~.]{3}\dQ~[\w~.-]{31,34}/g,
    // Hashes of passwords.
    /\$(?:2[abxy]?|[156]|argon2(?:i|d|id)|scrypt|y)\$[\w./+$=,-]{8,}/g,
    /[^\s@"'<>,;:()[\]{}=]{1,64}@[^\s@"'<>,;:()[\]{}=/]{1,190}\.[a-z]{2,24}/gi,
    /\b(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}\b/g,
  ];
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** The check digits of an IBAN (ISO 13616): as a number, with letters as 10 to 35, it is 1 modulo 97. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '');
  if (compact.length < 15 || compact.length > 34) return false;
  let rest = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return 1;
  if (code >= 65 && code <= 90) return 2;
  return code >= 48 && code <= 57 ? 3 : 4;
}

/**
 * True when characters of three kinds alternate as they do by chance: in two of five places or more. Names that are
 * joined of words, with a number at their end, change far more rarely, and hexadecimal digits have two kinds only.
 */
function looksRandom(match: string): boolean {
  // The hash that CloudFormation's logical ids end with, and all names made of them.
  const text = match.replace(/[\dA-F]{8}/g, '');
  let changes = 0;
  const kinds = new Set<number>();
  for (let index = 0; index < text.length; index += 1) {
    const kind = kindOf(text.charCodeAt(index));
    kinds.add(kind);
    if (index > 0 && kind !== kindOf(text.charCodeAt(index - 1))) changes += 1;
  }
  return kinds.has(1) && kinds.has(2) && kinds.has(3) && changes >= 0.4 * (text.length - 1);
}

/** Formats that a pattern only suggests, and what proves them. */
function createCheckedFormats(): [RegExp, (match: string) => boolean][] {
  return [
    [createPrefixPattern(AMBIGUOUS_PREFIXES), looksLikeToken],
    [/\d(?:[ -]?\d){12,18}/g, (match) => passesLuhn(match.replace(/\D/g, ''))],
    [/\b[A-Z]{2}\d{2}(?: ?[A-Z\d]){11,30}(?![A-Za-z\d])/g, isIban],
    [/[A-Za-z\d+/_]{32,}/g, looksRandom],
  ];
}

const getFormats = createLazily(createFormats);
const getCheckedFormats = createLazily(createCheckedFormats);

/** Where secrets stand in `text` that are recognised by their format. */
export function findSecretFormats(text: string): [start: number, end: number][] {
  return [
    ...getFormats().flatMap((format) => [...text.matchAll(format)]),
    ...getCheckedFormats().flatMap(([format, isSecret]) =>
      [...text.matchAll(format)].filter(([match]) => isSecret(match)),
    ),
  ].map(({ index, 0: match }) => [index, index + match.length]);
}
