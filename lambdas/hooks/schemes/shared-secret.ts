import { isSame, type Scheme } from './scheme.ts';

/** For senders that sign nothing: the secret itself is in a header, as RFC 6750 writes it or in one of our own. */
export const sharedSecret: Scheme = {
  isSignedWith: ({ headers }, secret) => {
    const { authorization, 'x-hook-secret': own } = headers;
    const byBearer = isSame(secret, authorization === undefined ? undefined : authorization.replace(/^bearer +/i, ''));
    const isBearer = /^bearer /i.test(authorization ?? '');
    return isSame(secret, own) || (isBearer && byBearer);
  },
  deliveryOf: ({ headers }) => headers['idempotency-key'],
};
