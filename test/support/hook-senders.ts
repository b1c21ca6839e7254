import { createHash, createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { HookScheme } from '../../lambdas/contract/jobs/hook-schemes.ts';

/** What a sender sends. */
export interface Sending {
  readonly body: string;
  readonly secret: string;
  readonly contentType: string;
  /** The address that the sender was given. */
  readonly url: string;
  readonly atSeconds: number;
  /** How it names the delivery, where it chooses a name. */
  readonly id: string;
}

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const hmac = (algorithm: string, secret: string, text: string, encoding: 'hex' | 'base64') =>
  createHmac(algorithm, secret).update(text).digest(encoding);

const twilio = ({ body, secret, contentType, url, id }: Sending): Sent => {
  const isForm = contentType.startsWith('application/x-www-form-urlencoded');
  const fields = new URLSearchParams(isForm ? body : '');
  fields.sort();
  const hash = createHash('sha256').update(body).digest('hex');
  const signed = isForm ? url : `${url}?bodySHA256=${hash}`;
  return {
    url: signed,
    headers: {
      'x-twilio-signature': hmac('sha1', secret, signed + [...fields].flat().join(''), 'base64'),
      'i-twilio-idempotency-token': id,
    },
    body,
  };
};

/** How senders of each kind sign, written from their documents alone and, where there is one, by their own library. */
const SENDERS: Readonly<Record<HookScheme, (sending: Sending) => Sent>> = {
  'standard-webhooks': ({ body, secret, url, atSeconds, id }) => ({
    url,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(atSeconds),
      'webhook-signature': new Webhook(secret).sign(id, new Date(atSeconds * 1_000), body),
    },
    body,
  }),
  stripe: ({ body, secret, url, atSeconds }) => ({
    url,
    headers: { 'stripe-signature': `t=${atSeconds},v1=${hmac('sha256', secret, `${atSeconds}.${body}`, 'hex')}` },
    body,
  }),
  github: ({ body, secret, url, id }) => ({
    url,
    headers: {
      'x-hub-signature-256': `sha256=${hmac('sha256', secret, body, 'hex')}`,
      'x-github-delivery': id,
      'x-github-event': 'ping',
    },
    body,
  }),
  shopify: ({ body, secret, url, id }) => ({
    url,
    headers: { 'x-shopify-hmac-sha256': hmac('sha256', secret, body, 'base64'), 'x-shopify-webhook-id': id },
    body,
  }),
  woocommerce: ({ body, secret, url, id }) => ({
    url,
    headers: { 'x-wc-webhook-signature': hmac('sha256', secret, body, 'base64'), 'x-wc-webhook-delivery-id': id },
    body,
  }),
  twilio,
  'shared-secret': ({ body, secret, url, id }) => ({
    url,
    headers: { authorization: `Bearer ${secret}`, 'idempotency-key': id },
    body,
  }),
};

/** The header with what proves the sender. */
export const PROOF: Readonly<Record<HookScheme, string>> = {
  'standard-webhooks': 'webhook-signature',
  stripe: 'stripe-signature',
  github: 'x-hub-signature-256',
  shopify: 'x-shopify-hmac-sha256',
  woocommerce: 'x-wc-webhook-signature',
  twilio: 'x-twilio-signature',
  'shared-secret': 'authorization',
};

/** A secret as the senders of a kind give one. */
export const secretOf = (scheme: HookScheme, seed = 'a secret of the tests'): string =>
  scheme === 'standard-webhooks'
    ? `whsec_${createHash('sha256').update(seed).digest('base64')}`
    : createHash('sha256').update(seed).digest('hex');

/** The request of a sender of this kind. */
export const sendAs = (scheme: HookScheme, sending: Sending): Sent => {
  const { url, headers, body } = SENDERS[scheme](sending);
  return { url, headers: { 'content-type': sending.contentType, ...headers }, body };
};
