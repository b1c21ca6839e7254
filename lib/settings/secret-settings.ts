import * as z from 'zod';
import { findSecrets } from '../../lambdas/observe/privacy/redact.ts';
import { isSensitiveKey } from '../../lambdas/observe/privacy/sensitive-keys.ts';
import { keyArn } from './key-settings.ts';

export const variableName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'write the name in capitals, such as WEATHER_API_KEY');

const SECRET_ARN = /^arn:[\w-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/;
const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;

const storedInSecretsManager = z.strictObject({
  secret: z
    .string()
    .refine((text) => SECRET_NAME.test(text) || SECRET_ARN.test(text), 'write the name or the ARN of a secret')
    .describe('The name or ARN of a secret in Secrets Manager.'),
  field: z.string().min(1).optional().describe('The key of the JSON object in it under which the value is.'),
  keyArn: keyArn.optional().describe('The KMS key of your own that it is encrypted with.'),
});

const storedInParameterStore = z.strictObject({
  parameter: z
    .string()
    .regex(/^[\w/.-]{1,1011}$/, 'write the name of a parameter, such as /weather/api-key')
    .describe("The name of a `SecureString` in Systems Manager's Parameter Store."),
  keyArn: storedInSecretsManager.shape.keyArn,
});

/** Where a secret is stored. */
export const secretLocation = z.union([storedInSecretsManager, storedInParameterStore]);

/** Settings about values that must not be in a template. */
export const toolSecretSettings = z
  .record(variableName, secretLocation)
  .default({})
  .describe(
    'Where secrets are stored that tools name in their facts. The stack creates those that are not named here, in ' +
      'Secrets Manager under `deploymentName/NAME`, and you give them their values.',
  );

/**
 * Variables among `toolSettings` that look like secrets, by their names or by their values, each in a sentence that
 * says where to write them: the settings are in git, and their values in the template.
 */
export const findSecretsAmongSettings = (toolSettings: Readonly<Record<string, string>>): string[] =>
  Object.entries(toolSettings)
    .filter(([name, value]) => isSensitiveKey(name) || findSecrets(value).length > 0)
    .map(
      ([name]) =>
        `Setting toolSettings.${name}: it looks like a secret, and settings are in the template for everybody who may ` +
        `read the stack. Name it under secrets in the tool's facts instead of settings; if it is none, rename it.`,
    );

interface StoredSecrets {
  readonly region?: string | undefined;
  readonly toolSecrets: z.output<typeof toolSecretSettings>;
}

/** Secrets in another region, which functions do not ask, each in a sentence that says what to write. */
export const validateToolSecrets = ({ region, toolSecrets }: StoredSecrets): string[] =>
  Object.entries(toolSecrets).flatMap(([name, source]) => {
    const own = 'secret' in source ? source.secret.split(':')[3] : undefined;
    return region === undefined || own === undefined || own === region
      ? []
      : [`Setting toolSecrets.${name}: it is in ${own}, and functions read secrets of ${region}; replicate it there.`];
  });
