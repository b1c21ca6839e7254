import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type SecretSources, UNSET_SECRET } from '../../lambdas/contract/secret-source.ts';
import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { deploymentNameOf, type NamingSettings } from '../deployment-name.ts';
import { acknowledge } from '../nag.ts';
import type { Settings } from '../settings.ts';

type ReadingFacts = Pick<ToolFacts, 'name' | 'settings' | 'secrets'>;
/** The settings that secrets are named and found by. */
export type SecretSettings = NamingSettings & Pick<Settings, 'keys' | 'toolSecrets'>;

/** The names of all secrets that tools read, in order. */
const listSecrets = (tools: readonly ReadingFacts[]): string[] =>
  [...new Set(tools.flatMap(({ secrets = [] }) => secrets))].sort();

const nameOfCreated = (settings: NamingSettings, name: string): string => `${deploymentNameOf(settings)}/${name}`;

type StoredSecret = Settings['toolSecrets'][string];
const sourceOf = (settings: SecretSettings, name: string): StoredSecret =>
  settings.toolSecrets[name] ?? {
    secret: nameOfCreated(settings, name),
    ...(settings.keys.secrets !== undefined && { keyArn: settings.keys.secrets }),
  };

/** Where the secrets of these tools are stored, for the environments of their functions. */
export const locateSecrets = (settings: SecretSettings, tools: readonly ReadingFacts[]): SecretSources =>
  Object.fromEntries(
    listSecrets(tools).map((name) => {
      const { keyArn: _, ...source } = sourceOf(settings, name);
      return [name, source];
    }),
  );

/** Lambda's own variables and ours; a secret that is named like one would hide it in a test. */
const RESERVED = /^(AWS|LAMBDA|TOOLWATCH|POWERTOOLS|DATABASE|JWT)_|^API_FUNCTION$/;

/** Secrets that are misnamed, named twice or read by nobody, each in a sentence that says what to write. */
export const findSecretProblems = (tools: readonly ReadingFacts[], { toolSecrets }: Settings): string[] => {
  const read = listSecrets(tools);
  return [
    ...tools.flatMap(({ name, settings = [], secrets = [] }) => [
      ...secrets
        .filter((secret) => !/^[A-Z][A-Z0-9_]*$/.test(secret) || RESERVED.test(secret))
        .map((secret) => `The tool ${name}: the secret ${secret}; write a name in capitals that is not Lambda's own.`),
      ...secrets
        .filter((secret) => settings.includes(secret))
        .map((secret) => `The tool ${name}: ${secret} is among its settings and its secrets; leave it in secrets.`),
    ]),
    ...Object.keys(toolSecrets)
      .filter((name) => !read.includes(name))
      .map(
        (name) =>
          `Setting toolSecrets.${name}: no tool reads it; ` +
          `${read.length > 0 ? `tools read ${read.join(', ')}` : 'tools read no secrets'}. ` +
          `Leave it out, or name it in the secrets of a tool's facts.`,
      ),
  ];
};

/**
 * The secrets that the settings do not locate. Each is created without a value, which no template may contain, and
 * stays when no tool reads it any longer.
 */
export class ToolSecrets extends Construct {
  constructor(scope: Construct, id: string, settings: SecretSettings, tools: readonly ReadingFacts[]) {
    super(scope, id);
    for (const name of listSecrets(tools).filter((secret) => !settings.toolSecrets[secret])) {
      const readers = tools.filter(({ secrets }) => secrets?.includes(name)).map((tool) => tool.name);
      const secret = new secretsmanager.Secret(this, name, {
        secretName: nameOfCreated(settings, name),
        description: `Read by ${readers.join(', ')}`.slice(0, 2_048),
        secretStringValue: cdk.SecretValue.unsafePlainText(UNSET_SECRET),
        removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      });
      acknowledge(
        secret,
        'AwsSolutions-SMG4',
        'Whoever issued it rotates it; its readers fetch it again when it is refused.',
      );
    }
  }
}

const arnOf = (scope: Construct, source: StoredSecret): string => {
  const stack = cdk.Stack.of(scope);
  if ('parameter' in source) {
    return stack.formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: source.parameter.replace(/^\//, ''),
    });
  }
  if (/-[A-Za-z0-9]{6}$/.test(source.secret) && source.secret.startsWith('arn:')) return source.secret;
  // Secrets Manager ends each ARN in six characters of its own.
  if (source.secret.startsWith('arn:')) return `${source.secret}-??????`;
  const { COLON_RESOURCE_NAME } = cdk.ArnFormat;
  const resourceName = `${source.secret}-??????`;
  return stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName,
    arnFormat: COLON_RESOURCE_NAME,
  });
};

/** What a tool's function may do to read its secrets, and nothing of another tool's. */
export const allowToReadSecrets = (
  scope: Construct,
  settings: SecretSettings,
  { secrets = [] }: ReadingFacts,
): iam.PolicyStatement[] => {
  const stack = cdk.Stack.of(scope);
  const sources = secrets.map((name) => sourceOf(settings, name));
  const statement = (sid: string, action: string, resources: string[], conditions?: object) =>
    resources.length === 0
      ? []
      : [new iam.PolicyStatement({ sid, actions: [action], resources, ...(conditions && { conditions }) })];
  const arnsWhere = (isOne: (source: StoredSecret) => boolean) =>
    sources.filter(isOne).map((source) => arnOf(scope, source));
  const keys = sources.flatMap(({ keyArn }) => keyArn ?? []);
  return [
    ...statement(
      'ReadItsSecrets',
      'secretsmanager:GetSecretValue',
      arnsWhere((source) => 'secret' in source),
    ),
    ...statement(
      'ReadItsParameters',
      'ssm:GetParameter',
      arnsWhere((source) => 'parameter' in source),
    ),
    ...statement('DecryptThem', 'kms:Decrypt', keys, {
      StringEquals: {
        'kms:ViaService': ['secretsmanager', 'ssm'].map((service) => `${service}.${stack.region}.${stack.urlSuffix}`),
      },
    }),
  ];
};
