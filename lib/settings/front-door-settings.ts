import * as z from 'zod';
import { type SignInSettings, signInSettings, validateSignInSettings } from './sign-in-settings.ts';
import { httpsUrl } from './values.ts';

/** How long an HTTP API waits for a function, in seconds. AWS does not raise this limit. */
export const HTTP_API_TIMEOUT_SECONDS = 30;
/** How much of it a tool's start and the gateway's own work may take. */
const OVERHEAD_SECONDS = 5;

const hostName = z
  .string()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'write a name such as tools.example.com');

const AUDIENCE = 'write the audience that tokens must have, at least one';
/** Of the 50 that an authorizer may have; three are the API's own addresses. */
const MAX_AUDIENCES = 47;
/** Of the 10 that a route may have; one is the operator's, and one that of whoever reads `/metrics`. */
const MAX_SCOPES = 8;

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'write each scope as its own entry, without spaces');

const pageSignIn = z.strictObject({
  clientId: z
    .string()
    .min(1)
    .describe(
      "The id of a public client of the issuer, for the authorization code flow with PKCE. The page's address, with a " +
        'slash at its end, is both its callback and where it returns to after signing out.',
    ),
  scopes: z.array(scope).optional().describe('What the page asks for. Default: `openid` and the `scopes` above.'),
  parameters: z
    .record(z.string(), z.string())
    .default({})
    .describe('Further parameters of the authorization request, such as the `audience` that some issuers need.'),
  origins: z
    .array(z.string().regex(/^https:\/\/[^/*?#\s]+$/, 'write an origin such as https://login.example.com'))
    .default([])
    .describe("Origins of the issuer's endpoints for tokens and revocation, where they are not the issuer's own."),
});

const jwt = z.strictObject(
  {
    issuer: httpsUrl.describe(
      'Exactly the `iss` of the tokens; `/.well-known/openid-configuration` below it leads to its keys.',
    ),
    audience: z
      .array(z.string().min(1), AUDIENCE)
      .min(1, AUDIENCE)
      .max(MAX_AUDIENCES, `write at most ${MAX_AUDIENCES}; an authorizer has 50, of which three are our own addresses`)
      .describe(
        'What a token may have as its `aud`, or as its `client_id` when it has no `aud`. Tokens for the address of ' +
          'the MCP endpoint are always accepted.',
      ),
    scopes: z
      .array(scope)
      .max(MAX_SCOPES, `write at most ${MAX_SCOPES}; a route has 10, of which two are the operator's and of /metrics`)
      .default([])
      .describe(
        'Scopes of which a token must have at least one, named to clients. Default: none; then an ID ' +
          'token for the same audience is accepted as well.',
      ),
    tenantClaim: z
      .string()
      .min(1)
      .optional()
      .describe("The claim that names the caller's tenant; required with `tenants`."),
    operatorScope: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The scope of the operator, who sees every tenant's calls and `/metrics`, and may change what the API lets the " +
          'operator change; without it, no token may. It requires `scopes`, and is named to no MCP client.',
      ),
    metricsScope: scope
      .optional()
      .describe(
        'A scope with which a token reads `/metrics` and nothing else, for a client of Prometheus. It requires `scopes`.',
      ),
    signIn: pageSignIn
      .optional()
      .describe('How people sign in on the page. Without it they must paste a token of the issuer.'),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'write jwt: { issuer, audience }' : undefined) },
);

const domain = z.strictObject({
  name: hostName.describe('The host name that clients use.'),
  certificateArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/, 'write the ARN of a certificate in ACM')
    .describe('Of a certificate in ACM, in the region of the stacks.'),
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]+$/, 'write an id such as Z0123456789ABCDEFGHIJ')
    .optional()
    .describe(
      'One of these two when Route 53 has the zone. Without them, the output `DomainTarget` says where the ' +
        'name must point.',
    ),
  hostedZoneName: hostName.optional().describe('The name of that zone, instead of its id.'),
});

const httpApiOnly = (what: string) =>
  z.undefined(`only an HTTP API has ${what}; write kind: 'http-api', or leave it out`).optional();

export const frontDoorSettings = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: z
          .literal('function-url')
          .describe('Function URLs, for requests signed with IAM: free, and a tool may take a quarter of an hour.'),
        jwt: httpApiOnly('a JWT authorizer'),
        domain: httpApiOnly('a domain'),
        origins: httpApiOnly('web pages for callers'),
        throttle: httpApiOnly('throttling'),
        signIn: httpApiOnly('sign-in'),
        openHealth: httpApiOnly('open paths'),
      }),
      z.strictObject({
        kind: z
          .literal('http-api')
          .describe(
            'An HTTP API that verifies JWTs, for browsers and for clients with OAuth: a dollar per million requests, ' +
              'thirty seconds per call.',
          ),
        jwt: jwt
          .optional()
          .describe('Tokens of which issuer are accepted. Default: those of a Cognito user pool that the stack makes.'),
        signIn: signInSettings.optional().describe('Who may sign in, without `jwt`.'),
        openHealth: z
          .boolean()
          .default(false)
          .describe(
            'Whether anybody may ask `/health/live` and `/health/ready`, as a load balancer does. They answer no more ' +
              'than a status.',
          ),
        domain: domain.optional().describe('A host name of your own.'),
        origins: z
          .array(
            z
              .string()
              .regex(/^https:\/\/[^/*?#\s]+$/, 'write an origin such as https://app.example.com, and nothing after it'),
          )
          .default([])
          .describe('Origins of web pages, beside our own, that may call: `https://app.example.com`.'),
        throttle: z
          .strictObject({
            rate: z.number().gt(0).max(10_000).default(50).describe('Requests per second.'),
            burst: z.int().min(1).max(5_000).default(100).describe('Requests beyond the rate that a moment may have.'),
          })
          .prefault({})
          .describe('Requests per second, and the burst beyond them; further requests are answered 429.'),
      }),
    ],
    "write 'function-url' or 'http-api'",
  )
  .prefault({ kind: 'http-api' })
  .describe('The public HTTP entry, and how clients authenticate.');

export type FrontDoorSettings = z.output<typeof frontDoorSettings>;
export type HttpApiSettings = Extract<FrontDoorSettings, { kind: 'http-api' }>;

/** Who may sign in at the issuer that the stack makes. */
export const signInOf = ({ signIn }: Pick<HttpApiSettings, 'signIn'>): SignInSettings =>
  signIn ?? signInSettings.parse({});

type Jwt = NonNullable<HttpApiSettings['jwt']>;

const validateJwt = (jwt: Jwt, tenants: boolean): string[] => {
  const problems: string[] = [];
  if (tenants && !jwt.tenantClaim) {
    problems.push(
      'Setting frontDoor.jwt: with tenants, a claim must name the tenant of a token; ' +
        'write tenantClaim, or tenants: false.',
    );
  }
  if (!tenants && jwt.tenantClaim) {
    problems.push(
      'Setting frontDoor.jwt: without tenants, tenantClaim has no effect; write tenants: true, or leave it out.',
    );
  }
  for (const right of ['operatorScope', 'metricsScope'] as const) {
    const own = jwt[right];
    if (own === undefined) continue;
    if (jwt.scopes.length === 0) {
      problems.push(
        `Setting frontDoor.jwt: without scopes, nothing verifies that a token has ${right}; ` +
          `write scopes that callers have, or leave ${right} out.`,
      );
    }
    if (jwt.scopes.includes(own)) {
      const what = right === 'operatorScope' ? 'would make it the operator' : 'would take everything else from it';
      problems.push(`Setting frontDoor.jwt: every client asks for scopes, so ${own} ${what}; leave it out of scopes.`);
    }
  }
  if (jwt.metricsScope !== undefined && jwt.metricsScope === jwt.operatorScope) {
    problems.push('Setting frontDoor.jwt: operatorScope and metricsScope are the same; write two, or leave one out.');
  }
  return problems;
};

const inZone = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** Settings that contradict each other, in sentences that say what to write. */
export const validateFrontDoorSettings = (
  frontDoor: FrontDoorSettings,
  { tenants, region }: { tenants: boolean; region?: string | undefined },
): string[] => {
  if (frontDoor.kind === 'function-url') return [];
  const { jwt, domain, signIn } = frontDoor;
  const problems = [...(jwt ? validateJwt(jwt, tenants) : []), ...(signIn ? validateSignInSettings(signIn) : [])];
  if (jwt && signIn) {
    problems.push(
      'Setting frontDoor.signIn: it says who may sign in at the issuer that the stack makes, and frontDoor.jwt names ' +
        'another one; leave one of them out.',
    );
  }
  if (domain?.hostedZoneId && domain.hostedZoneName) {
    problems.push(
      'Setting frontDoor.domain: hostedZoneId and hostedZoneName name the same zone; write only one of them.',
    );
  }
  if (domain?.hostedZoneName && !inZone(domain.name, domain.hostedZoneName)) {
    problems.push(
      `Setting frontDoor.domain: ${domain.name} is not in the zone ${domain.hostedZoneName}; ` +
        `write a name in that zone.`,
    );
  }
  const certificateRegion = domain?.certificateArn.split(':')[3];
  if (certificateRegion && region && certificateRegion !== region) {
    problems.push(
      `Setting frontDoor.domain.certificateArn: the certificate is in ${certificateRegion} and the API in ${region}; ` +
        `write the ARN of one in ${region}.`,
    );
  }
  return problems;
};

/** The tools that may take longer than an HTTP API waits, in sentences that say what to write. */
export const findToolsSlowerThanEndpoint = (
  { kind }: FrontDoorSettings,
  tools: readonly { facts: { name: string; timeoutSeconds: number } }[],
): string[] => {
  const maxSeconds = HTTP_API_TIMEOUT_SECONDS - OVERHEAD_SECONDS;
  if (kind === 'function-url') return [];
  return tools
    .filter(({ facts }) => facts.timeoutSeconds > maxSeconds)
    .map(
      ({ facts: { name, timeoutSeconds } }) =>
        `Setting frontDoor: an HTTP API waits ${HTTP_API_TIMEOUT_SECONDS} s, ` +
        `but the tool ${name} may take ${timeoutSeconds} s; ` +
        `write timeoutSeconds ≤ ${maxSeconds} in its facts, or kind: 'function-url'.`,
    );
};
