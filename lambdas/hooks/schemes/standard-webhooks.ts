import { hmac, isAmong, MAX_SIGNATURES, readSeconds, type Scheme } from './scheme.ts';

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */

const BASE64 = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/;

const encodedKeyOf = (secret: string): string => BASE64.exec(secret)?.[1] ?? '';

export const standardWebhooks: Scheme = {
  isSignedWith: ({ headers, body }, secret) => {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
    if (!id || readSeconds(time) === undefined || !signatures) return false;
    const expected = hmac('sha256', Buffer.from(encodedKeyOf(secret), 'base64'), [`${id}.${time}.`, body], 'base64');
    return isAmong(`v1,${expected}`, signatures.split(' ').slice(0, MAX_SIGNATURES));
  },
  signedAt: ({ headers }) => readSeconds(headers['webhook-timestamp']),
  deliveryOf: ({ headers }) => headers['webhook-id'],
  findSecretProblem: (secret) =>
    encodedKeyOf(secret) === '' ? 'it is not whsec_ and Base64, as the sender shows it' : undefined,
};
