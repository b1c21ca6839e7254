import type { HookScheme } from '../../contract/jobs/hook-schemes.ts';
import type { Scheme } from './scheme.ts';
import { sharedSecret } from './shared-secret.ts';
import { github, shopify, woocommerce } from './signed-body.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { stripe } from './stripe.ts';
import { twilio } from './twilio.ts';

/** How each kind of sender signs. */
export const SCHEMES: Readonly<Record<HookScheme, Scheme>> = {
  'standard-webhooks': standardWebhooks,
  stripe,
  github,
  shopify,
  woocommerce,
  twilio,
  'shared-secret': sharedSecret,
};
