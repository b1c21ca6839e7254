/** How senders of hooks sign, each by its own documents; docs/jobs.md says what is checked. */
export const HOOK_SCHEMES = [
  'standard-webhooks',
  'stripe',
  'github',
  'shopify',
  'woocommerce',
  'twilio',
  'shared-secret',
] as const;
export type HookScheme = (typeof HOOK_SCHEMES)[number];
