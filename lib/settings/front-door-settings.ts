import * as z from 'zod';

/** The longest an HTTP API waits for a function, in seconds. No quota raises it. */
export const HTTP_API_TIMEOUT_SECONDS = 30;
/** Of these, kept for a tool's start and for the gateway's own work. */
const SECONDS_TO_SPARE = 5;

const httpsUrl = z.url({ protocol: /^https$/, error: 'write an address that begins with https://' });
const hostName = z
  .string()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'write a name such as tools.example.com');

const WHOM = 'write whom tokens must be for, at least one';

const jwt = z.strictObject(
  {
    /** The `iss` of the tokens, letter by letter; its keys are found below it at `/.well-known/openid-configuration`. */
    issuer: httpsUrl,
    /** A token must be for one of these: its `aud`, or its `client_id` when it has no `aud`. */
    audience: z.array(z.string().min(1), WHOM).min(1, WHOM),
    /** Scopes of which a token must have at least one. None by default; then an ID token of the same audience would do too. */
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'write one scope a line, without spaces'))
      .default([]),
    /** The claim that names the bearer's tenant; wanted where there are tenants. */
    tenantClaim: z.string().min(1).optional(),
    /** Whoever has this scope runs the tools: sees every tenant's calls, and `/metrics`. */
    operatorScope: z.string().min(1).optional(),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'write jwt: { issuer, audience }' : undefined) },
);

const domain = z.strictObject({
  name: hostName,
  /** Of ACM, in the region of the stacks. */
  certificateArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/, 'write the ARN of a certificate of ACM'),
  /** One of both, when Route 53 has the zone; without, the output `DomainTarget` says where to point the name. */
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]+$/, 'write an id such as Z0123456789ABCDEFGHIJ')
    .optional(),
  hostedZoneName: hostName.optional(),
});

const httpApiOnly = (what: string) =>
  z.undefined(`only an HTTP API has ${what}; write kind: 'http-api', or leave it out`).optional();

/** Where clients come in, and how they are known. */
export const frontDoorSettings = z
  .discriminatedUnion(
    'kind',
    [
      /** Function URLs, for requests signed with IAM: nothing to pay, and a tool may take a quarter of an hour. */
      z.strictObject({
        kind: z.literal('function-url'),
        jwt: httpApiOnly('a JWT authorizer'),
        domain: httpApiOnly('a domain'),
        origins: httpApiOnly('web pages for callers'),
        throttle: httpApiOnly('throttling'),
      }),
      /** An HTTP API that verifies JWTs: for clients that speak OAuth. A dollar a million requests, thirty seconds a call. */
      z.strictObject({
        kind: z.literal('http-api'),
        jwt,
        domain: domain.optional(),
        /** Web pages that may call, beside our own: `https://app.example.com`. */
        origins: z
          .array(
            z
              .string()
              .regex(/^https:\/\/[^/*?#\s]+$/, 'write an origin such as https://app.example.com, and nothing after it'),
          )
          .default([]),
        /** Requests a second, and how many at once beyond them; who comes too many is told 429. */
        throttle: z
          .strictObject({
            rate: z.number().gt(0).max(10_000).default(50),
            burst: z.int().min(1).max(5_000).default(100),
          })
          .prefault({}),
      }),
    ],
    "write 'function-url' or 'http-api'",
  )
  .prefault({ kind: 'function-url' });

export type FrontDoorSettings = z.output<typeof frontDoorSettings>;
export type HttpApiSettings = Extract<FrontDoorSettings, { kind: 'http-api' }>;

const inZone = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** What cannot be together, in sentences that say what to write. */
export const validateFrontDoorSettings = (
  frontDoor: FrontDoorSettings,
  { tenants, region }: { tenants: boolean; region?: string | undefined },
): string[] => {
  if (frontDoor.kind === 'function-url') return [];
  const { jwt, domain } = frontDoor;
  const wrong: string[] = [];
  if (tenants && !jwt.tenantClaim) {
    wrong.push(
      'Setting frontDoor.jwt: there are tenants, and no claim says whose a token is; write tenantClaim, or tenants: false.',
    );
  }
  if (!tenants && (jwt.tenantClaim || jwt.operatorScope)) {
    wrong.push(
      'Setting frontDoor.jwt: without tenants nobody reads tenantClaim and operatorScope; write tenants: true, or leave them out.',
    );
  }
  if (domain?.hostedZoneId && domain.hostedZoneName) {
    wrong.push('Setting frontDoor.domain: hostedZoneId and hostedZoneName name the same zone; write one of them.');
  }
  if (domain?.hostedZoneName && !inZone(domain.name, domain.hostedZoneName)) {
    wrong.push(
      `Setting frontDoor.domain: ${domain.name} is no name of the zone ${domain.hostedZoneName}; write a name below it.`,
    );
  }
  const certified = domain?.certificateArn.split(':')[3];
  if (certified && region && certified !== region) {
    wrong.push(
      `Setting frontDoor.domain.certificateArn: the certificate is in ${certified} and the API in ${region}; write one of ${region}.`,
    );
  }
  return wrong;
};

/** What is wrong with tools behind this door: an HTTP API would answer before they do. */
export const findToolsSlowerThanEndpoint = (
  { kind }: FrontDoorSettings,
  tools: readonly { facts: { name: string; timeoutSeconds: number } }[],
): string[] => {
  const most = HTTP_API_TIMEOUT_SECONDS - SECONDS_TO_SPARE;
  if (kind === 'function-url') return [];
  return tools
    .filter(({ facts }) => facts.timeoutSeconds > most)
    .map(
      ({ facts: { name, timeoutSeconds } }) =>
        `Setting frontDoor: an HTTP API waits ${HTTP_API_TIMEOUT_SECONDS} s, and the tool ${name} may take ${timeoutSeconds} s; write timeoutSeconds ≤ ${most} in its facts, or kind: 'function-url'.`,
    );
};
