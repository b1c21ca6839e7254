import * as z from 'zod';
import { findHostProblem } from './channel-hosts.ts';
import { type ChannelType, headers } from './channel-settings.ts';
import { parseJson } from './parse-json.ts';

/**
 * What the secret of each kind of channel holds: an address, a token or a key as it is, or JSON for a webhook. No message
 * here shows any part of it but the name of a host.
 */

interface SecretOptions {
  /** A setting of the channel: it may be at an address that is not public, so at any host. */
  readonly allowPrivateAddresses: boolean;
}

/** The URL that a secret holds; a problem in a sentence when it is none that the kind can use. */
const readAddress = (type: ChannelType, text: string, options: SecretOptions): URL | string => {
  if (!URL.canParse(text)) return 'it holds no address. Store the whole address, beginning with https://';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'its address does not begin with https://';
  if (url.username !== '' || url.password !== '') return 'its address has a user or a password; send them in a header';
  return findHostProblem(type, url.host, options) ?? url;
};

const addressSecret = (type: ChannelType, path: RegExp, howToGet: string) => (options: SecretOptions) =>
  z
    .string()
    .trim()
    .transform((text, context): string => {
      const url = readAddress(type, text, options);
      const problem = typeof url === 'string' ? url : !path.test(`${url.pathname}${url.search}`) && howToGet;
      if (typeof url !== 'string' && !problem) {
        url.hash = '';
        return url.href;
      }
      context.addIssue({ code: 'custom', message: String(problem) });
      return z.NEVER;
    });

const textSecret = (pattern: RegExp, problem: string) => () => z.string().trim().regex(pattern, problem);

/** A key of Standard Webhooks: `whsec_` and 24 to 64 bytes in Base64. */
const signingSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, 'write secrets as whsec_ and 24 to 64 random bytes in Base64');

const webhookSecret = (options: SecretOptions) =>
  z
    .string()
    .transform((text, context) => {
      const parsed = parseJson(text);
      if (typeof parsed === 'object' && parsed !== null) return parsed;
      context.addIssue({
        code: 'custom',
        message: 'it is no JSON. Store {"url": "https://…", "secrets": ["whsec_…"]}',
      });
      return z.NEVER;
    })
    .pipe(
      z.strictObject({
        url: addressSecret('webhook', /^/, '')(options),
        secrets: z
          .array(signingSecret)
          .min(1)
          .max(3)
          .describe('The first is the newest; requests are signed with each, so that a receiver can change over.'),
        headers: headers.describe('Headers that are secret, such as Authorization.'),
      }),
    );

const channelSecrets = {
  'slack-webhook': addressSecret(
    'slack-webhook',
    /^\/services\/[\w/]+$/,
    'its address is no incoming webhook, which is https://hooks.slack.com/services/…',
  ),
  'slack-bot': textSecret(/^xoxb-[\w-]{10,250}$/, 'it holds no bot token, which begins with xoxb-'),
  pagerduty: textSecret(/^[A-Za-z0-9]{32}$/, 'it holds no integration key, which is 32 letters and digits'),
  teams: addressSecret('teams', /[?&]sig=[\w%.~-]/, 'its address has no signature (sig=). Copy the whole address'),
  jsm: textSecret(
    /^[A-Za-z0-9-]{20,100}$/,
    'it holds no key of an API integration, which is letters, digits and hyphens',
  ),
  discord: addressSecret(
    'discord',
    /^\/api(\/v\d+)?\/webhooks\/\d+\/[\w-]+/,
    'its address is no webhook, which is https://discord.com/api/webhooks/…',
  ),
  'google-chat': addressSecret(
    'google-chat',
    /^\/v1\/spaces\/[\w-]+\/messages\?(?=.*\bkey=.)(?=.*\btoken=.)/,
    'its address is no webhook of a space, with key= and token=. Copy the whole address',
  ),
  webhook: webhookSecret,
} as const satisfies Record<ChannelType, (options: SecretOptions) => z.ZodType>;

export type ChannelSecret<Type extends ChannelType> = z.output<ReturnType<(typeof channelSecrets)[Type]>>;

/** The value of a channel's secret is not what its kind needs. The message never shows it. */
export class InvalidChannelSecret extends Error {
  override readonly name = 'InvalidChannelSecret';
}

/** What a secret's value means to a kind of channel. Throws `InvalidChannelSecret` with a sentence that says what to store. */
export const readChannelSecret = <Type extends ChannelType>(
  type: Type,
  text: string,
  options: SecretOptions,
): ChannelSecret<Type> => {
  const parsed = channelSecrets[type](options).safeParse(text);
  if (parsed.success) return parsed.data as ChannelSecret<Type>;
  const [issue] = parsed.error.issues;
  // Issues about unknown keys quote them, and a key may be a secret in the wrong place.
  const message = issue?.code === 'unrecognized_keys' ? 'it may have url, secrets and headers only' : issue?.message;
  const [part] = issue?.path ?? [];
  const where = typeof part === 'string' ? ` (${part})` : '';
  throw new InvalidChannelSecret(`The secret of this channel cannot be used${where}: ${message}.`);
};
