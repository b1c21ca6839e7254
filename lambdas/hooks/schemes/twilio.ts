import { createHash } from 'node:crypto';
import { readForm } from '../../contract/jobs/arguments.ts';
import { type HookRequest, hmac, isAmong, isSame, type Scheme } from './scheme.ts';

/** https://www.twilio.com/docs/usage/security#validating-requests, and `validateRequest` of Twilio's library for Node. */

/** What of the body is signed beside the address; undefined where nothing of it would be. */
const signedPartOf = ({ body, mediaType, url }: HookRequest): string | undefined => {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const hash = new URLSearchParams(query).get('bodySHA256');
  // The address has the hash of the body, and is signed.
  if (hash !== null) return isSame(createHash('sha256').update(body).digest('hex'), hash) ? '' : undefined;
  if (mediaType !== 'application/x-www-form-urlencoded') return undefined;
  const fields = readForm(body.toString());
  return Object.keys(fields)
    .sort()
    .flatMap((name) => [...new Set([fields[name] ?? ''].flat())].sort().map((value) => `${name}${value}`))
    .join('');
};

/** Twilio signs an address with its port now and then. */
const withPort = (url: string): string => url.replace(/^https:\/\/[^/:]+/, '$&:443');

export const twilio: Scheme = {
  isSignedWith: (request, secret) => {
    const part = signedPartOf(request);
    const { 'x-twilio-signature': signature } = request.headers;
    if (part === undefined || signature === undefined) return false;
    const [plain = '', ported = ''] = [request.url, withPort(request.url)].map((url) =>
      hmac('sha1', secret, [url, part], 'base64'),
    );
    return isAmong(signature, [plain, ported]);
  },
  deliveryOf: ({ headers }) => headers['i-twilio-idempotency-token'],
};
