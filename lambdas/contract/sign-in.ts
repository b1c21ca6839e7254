import * as z from 'zod';

/** The group of the stack's own issuer whose members are operators. */
export const OPERATORS = 'operators';
/** The group `tenant:acme` makes its members callers and readers of the tenant `acme`. */
export const TENANT_GROUP = 'tenant:';
/** The claim in which Cognito names the groups of a person. */
export const GROUPS_CLAIM = 'cognito:groups';

/** How people sign in on the page; it reads this from its own HTML. */
export const pageSignIn = z.object({
  issuer: z.string(),
  client_id: z.string(),
  scopes: z.array(z.string()),
  /** Further parameters of the authorization request. */
  parameters: z.record(z.string(), z.string()),
  /** The parameter of the issuer's page for signing out that says where to return to: Cognito has its own. */
  logout_parameter: z.enum(['post_logout_redirect_uri', 'logout_uri']),
  /** Origins that the page connects to beside its own. */
  origins: z.array(z.string()),
});
export type PageSignIn = z.output<typeof pageSignIn>;
