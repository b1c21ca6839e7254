import * as z from 'zod';

/** What a program may do that has an id and a secret instead of a person. */
const MACHINE_RIGHTS = ['call', 'read', 'metrics', 'operate'] as const;
export type MachineRight = (typeof MACHINE_RIGHTS)[number];

/** What Cognito accepts as a callback: HTTPS, a page of this machine, or the scheme of an installed program. */
const CALLBACK =
  /^(https:\/\/[^\s#?*]+|http:\/\/localhost(:\d{1,5})?(\/[^\s#?*]*)?|(?!https?:)[a-z][a-z0-9.+-]*:\/\/[^\s#*]+)$/;
const PAGE = /^(https:\/\/[^\s/#?*]+|http:\/\/localhost(:\d{1,5})?)$/;

/** Cognito's limit for each client. */
const MAX_CALLBACKS = 100;
/**
 * An authorizer has 50 audiences: the ids of the page, of MCP clients and of each machine, and three addresses of each
 * origin, of which one is the API's own.
 */
const MAX_ORIGINS = 5;
const MAX_MACHINES = 30;

/** Claude Code with `--callback-port 8080`, and MCP's Inspector. */
const DEFAULT_CALLBACKS = ['http://localhost:8080/callback', 'http://localhost:6274/oauth/callback'];

const machine = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'write lower-case letters and digits in words with one hyphen between them')
    .max(40)
    .describe('Its name, such as `prometheus`; the output of its id begins with it.'),
  may: z
    .array(z.enum(MACHINE_RIGHTS, "write 'call', 'read', 'metrics' or 'operate'"))
    .min(1, "write at least one of 'call', 'read', 'metrics' and 'operate'")
    .describe(
      'What it may do: `call` tools, `read` the API, read `/metrics` and nothing else (`metrics`), or `operate`, which ' +
        'reads everything of all tenants.',
    ),
});

/** The issuer that the stack makes: who may sign in, and how. */
export const signInSettings = z.strictObject({
  firstUser: z
    .email('write an e-mail address such as ann@your.company')
    .optional()
    .describe(
      'Who is invited by e-mail with the first deployment, as an operator. Later deployments invite nobody. Default: ' +
        'the first of `alerts.critical.emails`.',
    ),
  mfa: z
    .enum(['off', 'optional', 'required'], "write 'off', 'optional' or 'required'")
    .default('optional')
    .describe(
      'A second factor, by an authenticator app. `required` makes everybody set one up at the next sign-in; with ' +
        '`optional` Cognito does not ask for one by itself.',
    ),
  origins: z
    .array(z.string().regex(PAGE, 'write an origin such as https://tools.example.com, and nothing after it'))
    .max(MAX_ORIGINS)
    .default([])
    .describe('Origins at which people and clients reach the deployment beside its own, such as that of a proxy.'),
  clientCallbacks: z
    .array(z.string().regex(CALLBACK, 'write an https:// address, one of http://localhost, or one of a program'))
    .min(1, 'write at least one address')
    .max(MAX_CALLBACKS)
    .default(DEFAULT_CALLBACKS)
    .describe(
      'Where MCP clients receive the answer to a sign-in, each with its port and path, as Cognito compares them.',
    ),
  machines: z
    .array(machine)
    .max(MAX_MACHINES)
    .default([])
    .describe(
      'Programs that get tokens with an id and a secret, such as Prometheus. AWS asks six dollars a month for each.',
    ),
});

export type SignInSettings = z.output<typeof signInSettings>;

/** Names that are written twice, in sentences. */
export const validateSignInSettings = ({ machines }: SignInSettings): string[] =>
  machines
    .map(({ name }) => name)
    .filter((name, index, names) => names.indexOf(name) !== index)
    .map((name) => `Setting frontDoor.signIn.machines: ${name} is listed twice; write it once.`);
