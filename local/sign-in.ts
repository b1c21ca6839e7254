import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../emulator/cloud.ts';
import { TENANT_GROUP } from '../lambdas/contract/sign-in.ts';
import { type HttpApiSettings, signInOf } from '../lib/settings/front-door-settings.ts';
import type { SignInSettings } from '../lib/settings/sign-in-settings.ts';
import type { Settings } from '../lib/settings.ts';

/** Where the emulated user pools answer, below the address of the local run. */
export const SIGN_IN_PATH = '/local/cognito';

/** The machine whose token scripts on this machine use. */
const SCRIPTS = 'scripts';
const LOCAL_MACHINES: SignInSettings['machines'] = [
  { name: SCRIPTS, may: ['call', 'read', 'operate'] },
  { name: 'prometheus', may: ['metrics'] },
];

/** People who exist on this machine beside the first user, who is an operator. */
const READER = 'reader@example.com';
const TENANTS = ['acme', 'globex'];

/** Lets the local run's own address take part in signing in, and adds machines whose use costs nothing here. */
export const withLocalSignIn = (frontDoor: HttpApiSettings, url: string): HttpApiSettings => {
  if (frontDoor.jwt) return frontDoor;
  const signIn = signInOf(frontDoor);
  const names = new Set(signIn.machines.map(({ name }) => name));
  return {
    ...frontDoor,
    signIn: {
      ...signIn,
      origins: [url],
      machines: [...signIn.machines, ...LOCAL_MACHINES.filter(({ name }) => !names.has(name))],
    },
  };
};

/** Adds people for each right that somebody may want to try. */
export const addLocalPeople = (cloud: Cloud, { tenants }: Pick<Settings, 'tenants'>): void => {
  const { UserPoolId: pool } = cloud.outputs;
  if (pool === undefined) return;
  if (!tenants) cloud.cognito.addUser(pool, READER);
  else for (const name of TENANTS) cloud.cognito.addUser(pool, `ann@${name}.example`, [`${TENANT_GROUP}${name}`]);
};

/** A token for a script of this machine; undefined where the stack makes no issuer. */
export const tokenForScripts = async ({ outputs, cognito }: Cloud): Promise<string | undefined> => {
  const { UserPoolId: pool, ScriptsClientId: id } = outputs;
  return pool === undefined || id === undefined ? undefined : cognito.tokenOfMachine(pool, id);
};

/** What the data folder holds for programs outside: the outputs, as the CDK's CLI writes them, and a secret. */
export const OUTPUTS_FILE = 'outputs.json';
export const PROMETHEUS_SECRET_FILE = 'prometheus-secret';

/** Writes the outputs of a local run with the addresses it has here, and the secret of Prometheus' machine. */
export const writeOutputs = (folder: string, { outputs, cognito }: Cloud, url: string): void => {
  const { UserPoolId: pool } = outputs;
  const local = {
    ...outputs,
    McpUrl: `${url}/mcp`,
    ApiUrl: `${url}/`,
    ...(outputs.OperateUrl && { OperateUrl: `${url}/` }),
    ...(pool && { TokenUrl: cognito.tokenUrlOf(pool) }),
  };
  writeFileSync(join(folder, OUTPUTS_FILE), `${JSON.stringify({ Local: local }, null, 2)}\n`);
  const secret = pool && cognito.secretOf(pool, outputs.PrometheusClientId ?? '');
  if (secret) writeFileSync(join(folder, PROMETHEUS_SECRET_FILE), secret, { mode: 0o600 });
};
