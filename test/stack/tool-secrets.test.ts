import { describe, expect, test } from 'vitest';
import { UNSET_SECRET } from '../../lambdas/contract/secret-source.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { aTool, listOf, ofType, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

const weather = aTool({ name: 'weather', secrets: ['WEATHER_KEY', 'SHARED_KEY'] });
const tides = aTool({ name: 'tides', secrets: ['SHARED_KEY'] });
const plain = aTool({ name: 'plain' });

const KEY_ARN = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-4444-8888-000000000000';

/** The resources that a tool's function may read secrets from, as texts. */
const readableBy = (tool: string, settings: SettingsInput = {}): string[] => {
  const { resources } = synthesize(settings, [weather, tides, plain]);
  return (rolesOfFunctions(resources)[`toolwatch-tool-${tool}`] ?? [])
    .filter(({ Action }) => listOf(Action).some((action) => /^(secretsmanager|ssm|kms):/.test(action)))
    .flatMap(({ Action, Resource }) =>
      listOf(Resource).map((resource) => `${Action} ${JSON.stringify(resource).replaceAll(/[^\w/?:-]+/g, ' ')}`),
    );
};

test('a secret is created without a value, in the stack that stays, and stays when no tool reads it any longer', () => {
  const { perStack } = synthesize({}, [weather, tides, plain]);
  const secrets = ofType(perStack.ToolwatchData ?? {}, 'AWS::SecretsManager::Secret');
  expect(
    secrets.map(({ Properties, DeletionPolicy }) => [Properties.Name, Properties.SecretString, DeletionPolicy]),
  ).toEqual([
    ['toolwatch/SHARED_KEY', UNSET_SECRET, 'RetainExceptOnCreate'],
    ['toolwatch/WEATHER_KEY', UNSET_SECRET, 'RetainExceptOnCreate'],
  ]);
  expect(secrets.map(({ Properties }) => Properties.Description)).toEqual([
    'Read by weather, tides',
    'Read by weather',
  ]);
});

test('a function may read the secrets of its own tool and no other', () => {
  const readable = readableBy('weather');
  expect(readable).toHaveLength(2);
  expect(readable[0]).toContain('secret:toolwatch/SHARED_KEY-??????');
  expect(readable[1]).toContain('secret:toolwatch/WEATHER_KEY-??????');
  expect(readableBy('tides')).toHaveLength(1);
  expect(readableBy('tides')[0]).toContain('secret:toolwatch/SHARED_KEY-??????');
  expect(readableBy('plain')).toEqual([]);
});

test('the environment of the function says where its secrets are stored, and not what they are', () => {
  const { resources } = synthesize({ toolSecrets: { SHARED_KEY: { parameter: '/shared/key', keyArn: KEY_ARN } } }, [
    weather,
    plain,
  ]);
  const variables = Object.fromEntries(
    ofType(resources, 'AWS::Lambda::Function').map(({ Properties }) => [
      Properties.FunctionName,
      Properties.Environment?.Variables.TOOLWATCH_SECRETS,
    ]),
  );
  expect(JSON.parse(variables['toolwatch-tool-weather'])).toEqual({
    SHARED_KEY: { parameter: '/shared/key' },
    WEATHER_KEY: { secret: 'toolwatch/WEATHER_KEY' },
  });
  expect(variables['toolwatch-tool-plain']).toBeUndefined();
});

test.each<[string, NonNullable<SettingsInput['toolSecrets']>[string], RegExp[]]>([
  ['a name in Secrets Manager', { secret: 'shared/key' }, [/secretsmanager:GetSecretValue .*secret:shared\/key-\?{6}/]],
  [
    'a whole ARN',
    { secret: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shared/key-a1B2c3' },
    [/secretsmanager:GetSecretValue .*:secret:shared\/key-a1B2c3 $/],
  ],
  [
    'an ARN without its last characters',
    { secret: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shared/key' },
    [/secretsmanager:GetSecretValue .*:secret:shared\/key-\?{6} $/],
  ],
  ['a parameter', { parameter: '/shared/key' }, [/ssm:GetParameter .*:parameter\/shared\/key/]],
  [
    'a secret under a key of your own',
    { secret: 'shared/key', keyArn: KEY_ARN },
    [/secretsmanager:GetSecretValue .*shared\/key/, /kms:Decrypt .*0a1b2c3d/],
  ],
])('a secret that exists is imported by %s, and not created', (_, source, expected) => {
  const settings = { toolSecrets: { SHARED_KEY: source } };
  const readable = readableBy('tides', settings);
  expect(readable).toHaveLength(expected.length);
  for (const [index, pattern] of expected.entries()) expect(readable[index]).toMatch(pattern);
  const { resources } = synthesize(settings, [tides]);
  expect(ofType(resources, 'AWS::SecretsManager::Secret')).toEqual([]);
});

describe('refused at synthesis, with a sentence that says what to write', () => {
  test.each<[string, SettingsInput, RegExp]>([
    [
      'a setting that is a secret by its name',
      { toolSettings: { WEATHER_API_KEY: 'x' } },
      /WEATHER_API_KEY: it looks like a secret.*Name it under secrets/,
    ],
    [
      'a setting that is a secret by its value',
      { toolSettings: { WEATHER: `sk_${'live'}_4eC39HqLyjWDarjtT1zdp7dc` } },
      /WEATHER: it looks like a secret/,
    ],
    [
      'a secret of another region',
      {
        account: '123456789012',
        region: 'eu-west-1',
        toolSecrets: { A_KEY: { secret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a' } },
      },
      /A_KEY: it is in us-east-1.*replicate it/,
    ],
    ['a source that is none', { toolSecrets: { A_KEY: { secret: 'two words' } } }, /Setting toolSecrets\.A_KEY/],
  ])('%s', (_, settings, message) => {
    expect(() => settingsFrom(settings)).toThrow(message);
  });

  test.each<[string, SettingsInput, Parameters<typeof aTool>[0], RegExp]>([
    [
      'a source for a secret that no tool reads',
      { toolSecrets: { OTHER: { secret: 'a' } } },
      {},
      /toolSecrets\.OTHER: no tool reads it; tools read no secrets/,
    ],
    [
      'a secret that is also a setting',
      { toolSettings: { CITY: 'Rome' } },
      { settings: ['CITY'], secrets: ['CITY'] },
      /CITY is among its settings and its secrets/,
    ],
    [
      'a name that is Lambda’s own',
      {},
      { secrets: ['AWS_SESSION_TOKEN'] },
      /the secret AWS_SESSION_TOKEN; write a name/,
    ],
    ['a name in another case', {}, { secrets: ['weatherKey'] }, /the secret weatherKey; write a name in capitals/],
  ])('%s', (_, settings, facts, message) => {
    expect(() => synthesize(settings, [aTool(facts)])).toThrow(message);
  });
});

test('an address and a limit are settings as before', () => {
  const toolSettings = {
    SHOP_URL: 'https://shop.example.com/v1?limit=20',
    MAX_ITEMS: '40',
    REGION_NAME: 'eu-central-1',
  };
  expect(settingsFrom({ toolSettings }).toolSettings).toEqual(toolSettings);
});
