import { BaseProvider } from '@aws-lambda-powertools/parameters/base';
import type { SecretSource } from '../../contract/secret-source.ts';

const fetchFromSecretsManager = async (id: string): Promise<string | undefined> => {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  return (await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: id }))).SecretString;
};

const fetchFromParameterStore = async (name: string): Promise<string | undefined> => {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  return (await new SSMClient({}).send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value;
};

const SECRET = 'secret ';
const PARAMETER = 'parameter ';

/**
 * Powertools' cache, above clients that are imported when they are used: a bundler would move the imports of Powertools'
 * own providers to the start of every function.
 */
class SecretProvider extends BaseProvider {
  protected _get(key: string): Promise<string | undefined> {
    return key.startsWith(SECRET)
      ? fetchFromSecretsManager(key.slice(SECRET.length))
      : fetchFromParameterStore(key.slice(PARAMETER.length));
  }

  protected _getMultiple(): Promise<undefined> {
    throw new Error('Secrets are fetched one by one.');
  }
}

const provider = new SecretProvider({});

/** Longer than an environment exists: a value is fetched again only when a service refuses it. */
const MAX_AGE_SECONDS = 86_400;

/**
 * The text that is stored there, which is fetched once, or again with `again`. Undefined when it is stored without a
 * text. Throws what the SDK throws, as the `cause` of Powertools' `GetParameterError`.
 */
export const fetchSecret = async (source: SecretSource, again: boolean): Promise<string | undefined> => {
  const key = 'secret' in source ? `${SECRET}${source.secret}` : `${PARAMETER}${source.parameter}`;
  const value = await provider.get(key, { maxAge: MAX_AGE_SECONDS, forceFetch: again });
  return typeof value === 'string' ? value : undefined;
};
