/** Creates a value on first use: compiling the regular expressions would be most of the cost of importing this file. */
export function createLazily<Value>(create: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= create();
    return value;
  };
}

/** A key with one of these words in it holds a secret. */
const WORDS = new Set(
  (
    'password passwords passwd passphrase passphrases passcode pwd secret secrets token tokens authorization ' +
    'credential credentials creds cookie cookies jwt bearer signature signatures hmac cvv cvc ssn iban otp totp dsn ' +
    'mnemonic apikey apikeys'
  ).split(' '),
);

/** A key that ends with one of these words holds a secret; elsewhere they are ordinary: `auth_method`, `pin_code_url`. */
const LAST_WORDS = new Set('auth pass pin sig sid session sessionid sessid'.split(' '));

/** Names that are written as one word, wherever they stand in the key without its separators. */
const COMPOUNDS =
  'password|passwd|passphrase|apikey|accesskey|secretkey|privatekey|signingkey|encryptionkey|masterkey|accountkey|' +
  'sharedkey|storagekey|consumerkey|consumersecret|clientsecret|subscriptionkey|functionskey|routingkey|' +
  'integrationkey|licensekey|servicekey|hostkey|authkey|authtoken|accesstoken|refreshtoken|idtoken|sessiontoken|' +
  'csrftoken|xsrftoken|sessionid|sessid|cardnumber|accountnumber|securitycode|connectionstring|databaseurl|redisurl|' +
  'mongodburi|webhookurl';

/** A key that ends so is about a secret and holds none: `token_count`, `secret_arn`. */
const HARMLESS_ENDINGS = new Set('count counts type length limit usage expiry expires ttl arn policy size'.split(' '));

/** What comes before `tokens` where they are counted: `max_tokens`, `prompt_tokens`. */
const COUNTED = new Set('max min prompt completion input output total used cached remaining'.split(' '));

const getCompoundPattern = createLazily(() => new RegExp(COMPOUNDS));

/** The words of a key in lower case: `X-Amz-Signature`, `clientSecret`, `PGPASSWORD`. */
function wordsOf(key: string): string[] {
  return key
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean);
}

function isCount(words: readonly string[]): boolean {
  return HARMLESS_ENDINGS.has(words.at(-1) ?? '') || (words.at(-1) === 'tokens' && COUNTED.has(words.at(-2) ?? ''));
}

const MAX_KEY_LENGTH = 256;

/** True for a key whose value is secret: `password`, `apiKey`, `x-auth-token`, `PGPASSWORD`, … */
export function isSensitiveKey(key: string): boolean {
  const words = wordsOf(key.slice(-MAX_KEY_LENGTH));
  if (words.length === 0 || isCount(words)) return false;
  return (
    words.some((word) => WORDS.has(word)) ||
    LAST_WORDS.has(words.at(-1) ?? '') ||
    getCompoundPattern().test(words.join(''))
  );
}
