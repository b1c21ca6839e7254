import { type HookRequest, hmac, isAmong, MAX_SIGNATURES, readSeconds, type Scheme } from './scheme.ts';

/** https://docs.stripe.com/webhooks/signature: `t=…,v1=…`, where there may be several v1, and v0 counts for nothing. */
const readElements = ({ headers }: HookRequest, name: 't' | 'v1'): string[] =>
  (headers['stripe-signature'] ?? '')
    .split(',')
    .filter((element) => element.startsWith(`${name}=`))
    .map((element) => element.slice(name.length + 1));

const timeOf = (request: HookRequest): string | undefined => {
  const [time, ...others] = readElements(request, 't');
  return others.length === 0 ? time : undefined;
};

export const stripe: Scheme = {
  isSignedWith: (request, secret) => {
    const time = timeOf(request);
    if (readSeconds(time) === undefined) return false;
    const expected = hmac('sha256', secret, [`${time}.`, request.body], 'hex');
    return isAmong(expected, readElements(request, 'v1').slice(0, MAX_SIGNATURES));
  },
  signedAt: (request) => readSeconds(timeOf(request)),
  // The id of the event, which is the same whenever it is sent: https://docs.stripe.com/webhooks#handle-duplicate-events
  deliveryOf: (_, body) => body.id,
};
