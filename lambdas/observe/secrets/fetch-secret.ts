import type { SecretSource } from '../../contract/secret-source.ts';
import { importClient } from '../import-client.ts';

type SecretsManager = typeof import('@aws-sdk/client-secrets-manager');
type ParameterStore = typeof import('@aws-sdk/client-ssm');

async function fetchFromSecretsManager(id: string): Promise<string | undefined> {
  const { GetSecretValueCommand, SecretsManagerClient } = await importClient<SecretsManager>(
    '@aws-sdk/client-secrets-manager',
  );
  return (await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: id }))).SecretString;
}

async function fetchFromParameterStore(name: string): Promise<string | undefined> {
  const { GetParameterCommand, SSMClient } = await importClient<ParameterStore>('@aws-sdk/client-ssm');
  return (await new SSMClient({}).send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value;
}

/**
 * The text that is stored there now; undefined when it is stored without a text. Throws what the SDK throws.
 */
export function fetchSecret(source: SecretSource): Promise<string | undefined> {
  return 'secret' in source ? fetchFromSecretsManager(source.secret) : fetchFromParameterStore(source.parameter);
}
