/** A text with a secret in it, as it stands in the errors and logs of real systems. */
export interface SecretShape {
  name: string;
  text: string;
  /** The part that must not be written. */
  secret: string;
}

const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const HEX = '0123456789abcdef';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Characters without a pattern, and always the same ones, so that a failure can be repeated. */
const createBody = (length: number, alphabet: string, seed: number): string => {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  let body = '';
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    body += alphabet[(state >>> 16) % alphabet.length];
  }
  return body;
};

/**
 * Tokens that say by their beginning what they are: prefix, length, alphabet. Joined here from parts, so that no secret
 * scanner reports this file.
 */
const TOKENS: [name: string, prefix: string[], length: number, alphabet?: string][] = [
  ['AWS access key', ['AK', 'IA'], 16, UPPER],
  ['AWS temporary access key', ['AS', 'IA'], 16, UPPER],
  ['Amazon Bedrock key', ['AB', 'SK'], 110],
  ['Alibaba access key', ['LT', 'AI'], 20],
  ['Google API key', ['AI', 'za'], 35],
  ['Google client secret', ['GOC', 'SPX-'], 28],
  ['Google access token', ['ya', '29.'], 60],
  ['DigitalOcean token', ['dop', '_v1_'], 64, HEX],
  ['DigitalOcean refresh token', ['dor', '_v1_'], 64, HEX],
  ['Databricks token', ['da', 'pi'], 32, HEX],
  ['Doppler token', ['dp.', 'pt.'], 43],
  ['Dynatrace token', ['dt0', 'c01.'], 24],
  ['Fly token', ['fo', '1_'], 43],
  ['Heroku key', ['HR', 'KU-AA'], 58],
  ['Vault service token', ['hv', 's.'], 95],
  ['Vault batch token', ['hv', 'b.'], 140],
  ['Pulumi token', ['pu', 'l-'], 40, HEX],
  ['PlanetScale password', ['pscale', '_pw_'], 43],
  ['Grafana service account', ['gl', 'sa_'], 41],
  ['Grafana cloud token', ['gl', 'c_'], 80],
  ['New Relic key', ['NR', 'AK-'], 27, UPPER],
  ['Sentry token', ['sntr', 'yu_'], 64, HEX],
  ['GitHub token', ['gh', 'p_'], 36],
  ['GitHub app token', ['gh', 's_'], 36],
  ['GitHub fine-grained token', ['github', '_pat_'], 82],
  ['GitLab token', ['gl', 'pat-'], 20],
  ['GitLab runner token', ['gl', 'rt-'], 20],
  ['GitLab deploy token', ['gl', 'dt-'], 20],
  ['npm token', ['np', 'm_'], 36],
  ['PyPI token', ['py', 'pi-AgEIcHlwaS5vcmc'], 60],
  ['RubyGems token', ['ruby', 'gems_'], 48, HEX],
  ['Postman key', ['PM', 'AK-'], 59, HEX],
  ['Hugging Face token', ['h', 'f_'], 34],
  ['OpenAI key', ['s', 'k-proj-'], 64],
  ['Anthropic key', ['s', 'k-ant-api03-'], 95],
  ['Groq key', ['gs', 'k_'], 52],
  ['xAI key', ['xa', 'i-'], 80],
  ['Perplexity key', ['pp', 'lx-'], 48],
  ['Replicate key', ['r', '8_'], 37],
  ['NVIDIA key', ['nv', 'api-'], 60],
  ['Notion token', ['nt', 'n_'], 46],
  ['Linear key', ['lin', '_api_'], 40],
  ['Airtable token', ['pa', 't'], 14],
  ['Figma token', ['fi', 'gd_'], 40],
  ['Slack bot token', ['xo', 'xb-'], 40],
  ['Slack app token', ['xa', 'pp-1-'], 60],
  ['SendGrid key', ['S', 'G.'], 66],
  ['Brevo key', ['xkey', 'sib-'], 64, HEX],
  ['Mailgun key', ['ke', 'y-'], 32, HEX],
  ['Mailchimp key', [''], 32, HEX],
  ['Twilio key', ['S', 'K'], 32, HEX],
  ['Stripe key', ['sk', '_live_'], 24],
  ['Stripe restricted key', ['rk', '_test_'], 24],
  ['Stripe webhook secret', ['wh', 'sec_'], 32],
  ['Square token', ['sq0', 'atp-'], 22],
  ['Shopify token', ['shp', 'at_'], 32, HEX],
  ['Shopify shared secret', ['shp', 'ss_'], 32, HEX],
  ['WooCommerce consumer key', ['c', 'k_'], 40, HEX],
  ['WooCommerce consumer secret', ['c', 's_'], 40, HEX],
  ['EasyPost key', ['EZ', 'AK'], 54],
  ['Shippo token', ['shippo', '_live_'], 40, HEX],
  ['Artifactory key', ['AK', 'Cp'], 69],
  ['1Password service account', ['op', 's_eyJ'], 250],
  ['age secret key', ['AGE-', 'SECRET-KEY-1'], 58, UPPER],
  ['Supabase key', ['sb', '_secret_'], 32],
  ['Resend key', ['r', 'e_'], 32],
  ['OpenShift token', ['sha', '256~'], 43],
];

/** Mailchimp's key has no prefix but a data centre at its end; Airtable's has a second part. */
const ENDINGS: Record<string, string> = {
  'Mailchimp key': '-us21',
  'Airtable token': `.${createBody(64, HEX, 4_711)}`,
};

const tokenShapes: SecretShape[] = TOKENS.map(([name, prefix, length, alphabet = BASE62], index) => {
  const secret = createBody(length, alphabet, index + 1);
  return { name, secret, text: `upstream refused ${prefix.join('')}${secret}${ENDINGS[name] ?? ''} for this shop` };
});

/** Names under which people keep secrets, in the spellings of their systems. */
const KEYS = [
  ...['password', 'passwd', 'pass', 'pwd', 'passphrase', 'PGPASSWORD', 'MYSQL_PWD', 'DB_PASSWORD', 'db.password'],
  ...['secret', 'secrets', 'client_secret', 'clientSecret', 'CLIENT-SECRET', 'consumer_secret', 'secretKey'],
  ...['token', 'accesstoken', 'access_token', 'refreshToken', 'id_token', 'csrfToken', 'X-Amz-Security-Token'],
  ...['apikey', 'api_key', 'apiKey', 'x-api-key', 'consumer_key', 'private_key', 'AccountKey', 'SharedAccessKey'],
  ...['auth', 'authorization', 'credentials', 'creds', 'signature', 'sig', 'X-Amz-Signature', 'hmac'],
  ...[
    'sessionId',
    'session_id',
    'JSESSIONID',
    'cookie',
    'otp',
    'pin',
    'cvv',
    'routing_key',
    'Ocp-Apim-Subscription-Key',
  ],
];

const keyShapes: SecretShape[] = KEYS.map((key, index) => {
  const secret = `zebra${createBody(6, 'bcdfghjkmnpqrvwxz', index + 1_000)}quilt`;
  const forms = [`${key}=${secret}`, `${key}: ${secret}`, `{"${key}":"${secret}"}`];
  return { name: `key ${key}`, secret, text: `could not sign in: ${forms[index % forms.length]}` };
});

/** Values at which a careless match ends too early. `~` stands for the secret. */
const VALUES: [name: string, text: string][] = [
  ['comma in the value', 'password=ab,~'],
  ['semicolon in the value', 'Password=ab;~'],
  ['ampersand in the value', 'password=ab&~'],
  ['space in the value', 'password: ab ~'],
  ['quote in the value', 'password=ab"~'],
  ['apostrophe in the value', "password=ab'~"],
  ['brace in the value', 'password=ab}~'],
  ['escaped quote in a JSON value', '{"password":"ab\\"~"}'],
  ['comma in a JSON value', '{"password":"ab,~"}'],
  ['newline in a quoted value', '{"password":"ab\n~"}'],
  ['quote inside a quoted value', 'password="ab"~"'],
  ['JSON in JSON', '{\\"password\\":\\"~\\"}'],
  ['JSON in JSON in JSON', '{\\\\\\"password\\\\\\":\\\\\\"~\\\\\\"}'],
  ['escaped quote in JSON in JSON', '{\\"password\\":\\"ab\\\\\\"~\\"}'],
  ['number-like list', '"tokens":["~"]'],
  ['object under the key', '"credentials":{"user":"x","value":"~"}'],
  ['single quotes', "{'password': '~'}"],
  ['hash rocket', "password => '~'"],
  ['assignment', 'password := "~"'],
  ['spaces around', 'password   =   "~"'],
  ['YAML', 'password:   "~"'],
  ['XML element', '<password>~</password>'],
  ['XML element with a namespace', '<wsse:Password Type="Text">~</wsse:Password>'],
  ['XML attribute', '<user name="x" password="~"/>'],
  ['XML key and value', '<add key="Password" value="~"/>'],
  ['name and value', '{"name":"password","value":"~"}'],
  ['raw headers', '["authorization","~"]'],
  ['HTML entities', '{&quot;password&quot;:&quot;~&quot;}'],
  ['percent encoding', '%7B%22password%22%3A%22~%22%7D'],
  ['twice percent encoded', '%257B%2522password%2522%253A%2522~%2522%257D'],
  ['form', 'grant_type=password&password=~&x=1'],
  ['command-line flag', 'mysql --password ~ --host db'],
  ['command-line flag with =', 'mysql --password=~ --host db'],
  ['curl user', 'curl -u admin:~ https://db.internal'],
  ['netrc', 'machine db login app password ~'],
  ['SQL role', "alter role app password '~'"],
  ['SQL identified by', "create user app identified by '~'"],
];

const valueShapes: SecretShape[] = VALUES.map(([name, text], index) => {
  const secret = `zebra${createBody(6, 'bcdfghjkmnpqrvwxz', index + 2_000)}quilt`;
  return { name, secret, text: `could not sign in: ${text.replaceAll('~', secret)}` };
});

/** Stands for a secret of letters, another in each shape. */
const A_WORD = 'zebra~~~~~~quilt';

const otherShapes: SecretShape[] = (
  [
    ['Bearer header', `Bearer ${A_WORD}${A_WORD}`, A_WORD],
    ['Basic header', 'Authorization: Basic YWRtaW46enplYnJha213eA==', 'YWRtaW46enplYnJha213eA'],
    ['Basic without its header', 'sent Basic YWRtaW46enplYnJha213eA== to it', 'YWRtaW46enplYnJha213eA'],
    ['JWT', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx${A_WORD}.c2lnbmF0dXJl`, A_WORD],
    ['JWT without a signature', `eyJhbGciOiJub25lIn0.eyJzdWIiOiIx${A_WORD}`, A_WORD],
    ['cookie header', `Cookie: theme=dark; sid=${A_WORD}; lang=de`, A_WORD],
    ['set-cookie header', `Set-Cookie: sid=${A_WORD}; HttpOnly`, A_WORD],
    ['URL with a password', `postgres://app:${A_WORD}@db.internal:5432/shop`, A_WORD],
    ['URL with an at sign in its password', `postgres://app:ab@${A_WORD}@db.internal:5432/shop`, A_WORD],
    ['URL with a slash in its password', `amqp://app:ab/${A_WORD}@mq.internal`, A_WORD],
    ['presigned URL of S3', `https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=${A_WORD}`, A_WORD],
    ['presigned URL of Azure', `https://a.blob.core.windows.net/c?se=2026&sig=${A_WORD}%3D&sp=r`, A_WORD],
    ['presigned URL of Google', `https://storage.googleapis.com/b/o?X-Goog-Signature=${A_WORD}`, A_WORD],
    ['OAuth code', `https://shop.test/callback?code=${A_WORD}&state=1`, A_WORD],
    ['key in a query', `https://api.test/v1?key=${A_WORD}`, A_WORD],
    ['Slack hook', `https://hooks.slack.com/services/T0000000/B0000000/${A_WORD}${A_WORD}`, A_WORD],
    ['Discord hook', `https://discord.com/api/webhooks/123456789012345678/${A_WORD}${A_WORD}`, A_WORD],
    ['Teams hook', `https://x.webhook.office.com/webhookb2/11111111-1111-1111/IncomingWebhook/${A_WORD}`, A_WORD],
    ['Telegram bot token', `https://api.telegram.org/bot1234567890:AA${A_WORD}${A_WORD}xyzab/sendMessage`, A_WORD],
    ['RSA private key', `-----BEGIN RSA PRIVATE KEY-----\n${A_WORD}\n-----END RSA PRIVATE KEY-----`, A_WORD],
    ['OpenSSH private key', `-----BEGIN OPENSSH PRIVATE KEY-----\n${A_WORD}\n`, A_WORD],
    ['private key with escaped lines', `-----BEGIN PRIVATE KEY-----\\n${A_WORD}\\n-----END PRIVATE KEY-----`, A_WORD],
    ['PGP private key', `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${A_WORD}\n`, A_WORD],
    ['PGP message', `-----BEGIN PGP MESSAGE-----\n\n${A_WORD}\n-----END PGP MESSAGE-----`, A_WORD],
    ['AWS secret key', createBody(40, `${BASE62}/+`, 77), createBody(40, `${BASE62}/+`, 77)],
    ['48 random characters', createBody(48, BASE62, 78), createBody(48, BASE62, 78)],
    ['bcrypt hash', `$2b$12$${createBody(53, BASE62, 79)}`, createBody(53, BASE62, 79)],
    ['e-mail address', `${A_WORD}@example.com`, A_WORD],
    ['e-mail address, percent-encoded', `${A_WORD}%40example.com`, A_WORD],
    ['card number', '4111 1111 1111 1111', '4111 1111 1111 1111'],
    ['card number without spaces', '5555555555554444', '5555555555554444'],
    ['IBAN', 'DE89 3704 0044 0532 0130 00', '3704 0044 0532'],
    ['IBAN without spaces', 'GB29NWBK60161331926819', 'NWBK60161331926819'],
    ['US social security number', '078-05-1121', '078-05-1121'],
  ] as const
).map(([name, text, secret], index) => {
  const put = (part: string) => part.replaceAll('~~~~~~', createBody(6, 'bcdfghjkmnpqrvwxz', index + 3_000));
  return { name, text: put(`upstream said ${text}`), secret: put(secret) };
});

export const SECRET_SHAPES: readonly SecretShape[] = [...tokenShapes, ...keyShapes, ...valueShapes, ...otherShapes];
