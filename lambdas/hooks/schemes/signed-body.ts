import { createHash } from 'node:crypto';
import { hmac, isSame, type Scheme } from './scheme.ts';

/** Senders that sign the body alone, so that nothing says when: a request that somebody recorded can be sent again. */

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const github: Scheme = {
  isSignedWith: ({ headers, body }, secret) =>
    isSame(`sha256=${hmac('sha256', secret, [body], 'hex')}`, headers['x-hub-signature-256']),
  deliveryOf: ({ headers }) => headers['x-github-delivery'],
};

/**
 * https://shopify.dev/docs/apps/build/webhooks/verify-deliveries. One event may be of several topics, so its id would
 * make two of them one.
 */
export const shopify: Scheme = {
  isSignedWith: ({ headers, body }, secret) =>
    isSame(hmac('sha256', secret, [body], 'base64'), headers['x-shopify-hmac-sha256']),
  deliveryOf: ({ headers }) => headers['x-shopify-webhook-id'] ?? headers['x-shopify-event-id'],
};

/**
 * `generate_signature`, `get_new_delivery_id` and `deliver_ping` of
 * https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php. The id of a
 * delivery is made of the second, so two events of one second share it, and only their bodies differ. When a webhook is
 * saved, WooCommerce sends its id without a signature, and reports an error unless that is answered 200.
 */
export const woocommerce: Scheme = {
  isSignedWith: ({ headers, body }, secret) =>
    isSame(hmac('sha256', secret, [body], 'base64'), headers['x-wc-webhook-signature']),
  deliveryOf: ({ headers, body }) => {
    const id = headers['x-wc-webhook-delivery-id'];
    return id === undefined ? undefined : `${id}/${createHash('sha256').update(body).digest('hex')}`;
  },
  isUnsignedPing: ({ headers, body }) =>
    headers['x-wc-webhook-signature'] === undefined && /^webhook_id=\d{1,20}$/.test(body.toString('latin1')),
};
