import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, expect, test } from 'vitest';
import { parseTemplate } from '../../emulator/cloudformation/template.ts';
import { UNSET_SECRET } from '../../lambdas/contract/secret-source.ts';
import { BUNDLE_OPTIONS } from '../../lib/bundle.ts';
import { provideSecrets } from '../../local/secret-values.ts';
import { listen } from '../support/http-server.ts';
import { aFunction, baseResources, startSmallCloud } from '../support/small-cloud.ts';
import { root } from '../support/source-files.ts';

const CANARY = 'canary-never-written';
const folder = mkdtempSync(join(tmpdir(), 'toolwatch-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bundleWeatherTool = (): string => {
  const entryPoints = [join(root, 'test/support/weather-tool.ts')];
  const { outputFiles } = buildSync({
    ...BUNDLE_OPTIONS,
    sourcemap: false,
    absWorkingDir: root,
    entryPoints,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};

const received: string[] = [];
const weather = await listen((request, response) => {
  received.push(String(request.headers['x-secrets']));
  response.end();
});
afterAll(() => weather.close());

const SOURCES = {
  WEATHER_KEY: { secret: 'toolwatch/WEATHER_KEY' },
  WEATHER_PASSWORD: { secret: 'shared/weather', field: 'password' },
  WEATHER_TOKEN: { parameter: '/weather/token' },
};
const allow = (action: string, resource: string) => ({ Effect: 'Allow', Action: action, Resource: resource });
const SECRETS = 'arn:aws:secretsmanager:us-east-1:000000000000:secret';
const WRITE_LOG = allow('logs:*', '*');
const ALL_RIGHTS = [
  WRITE_LOG,
  allow('secretsmanager:GetSecretValue', `${SECRETS}:toolwatch/WEATHER_KEY-??????`),
  allow('secretsmanager:GetSecretValue', `${SECRETS}:shared/weather-??????`),
  allow('ssm:GetParameter', 'arn:aws:ssm:us-east-1:000000000000:parameter/weather/token'),
];
const resourcesWith = (statements: object[]) => ({
  ...baseResources(statements),
  Key: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { Name: 'toolwatch/WEATHER_KEY', SecretString: UNSET_SECRET },
  },
  Weather: aFunction('weather', {
    Handler: 'index.default',
    Timeout: 15,
    Environment: { Variables: { TOOLWATCH_SECRETS: JSON.stringify(SOURCES), WEATHER_URL: weather.url } },
  }),
});

let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
afterEach(async () => {
  received.length = 0;
  await cloud.stop();
});
const start = async (statements: object[]) => {
  const data = join(folder, `data-${Math.random()}`);
  const resources = resourcesWith(statements);
  cloud = await startSmallCloud({ resources, code: { weather: bundleWeatherTool() }, folder: data });
  const assembly = {
    stacks: [{ name: 'Small', template: parseTemplate({ Resources: resources }) }],
    asset: () => undefined,
  };
  return {
    data,
    /** Gives secrets the values in a file of these lines. */
    provide: (lines: string[]): string[] => {
      const file = join(folder, 'values');
      writeFileSync(file, lines.join('\n'));
      return provideSecrets(cloud, assembly, file);
    },
  };
};
const ask = async () =>
  JSON.parse(
    (await cloud.lambda.invoke({ principal: { person: 'operator' }, function: 'weather', event: '{}' })).payload,
  );
const writtenLines = (): string => JSON.stringify(cloud.logs.filter({ person: 'operator' }, '/log'));

test('a deployed tool reads its secrets from both stores, and nothing that is written contains one', async () => {
  const { data, provide } = await start(ALL_RIGHTS);
  expect(
    provide([`WEATHER_KEY="${CANARY} 1"`, `WEATHER_PASSWORD=${CANARY}2`, '# a comment', `WEATHER_TOKEN=${CANARY}3`]),
  ).toEqual([]);
  expect(await ask()).toEqual({ answered: 200 });
  expect(received).toEqual([`${CANARY} 1 ${CANARY}2 ${CANARY}3`]);
  expect(writtenLines()).toContain('asking with [redacted]');
  expect(writtenLines()).not.toContain('canary');
  for (const file of readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()))
    expect(readFileSync(join(file.parentPath, file.name), 'latin1'), file.name).not.toContain(CANARY);
});

test('names of secrets without a value are returned, and the tool fails by our fault, with the command to type', async () => {
  const { provide } = await start(ALL_RIGHTS);
  expect(provide([`WEATHER_PASSWORD=${CANARY}2`, `WEATHER_TOKEN=${CANARY}3`])).toEqual(['WEATHER_KEY']);
  expect(await ask()).toMatchObject({ isError: true, code: 'INTERNAL_ERROR', fault: 'ours' });
  expect(writtenLines()).toContain(
    'The secret WEATHER_KEY has no value. Give it one: aws secretsmanager put-secret-value',
  );
});

test('a value that is put later is read by the next call', async () => {
  const { provide } = await start(ALL_RIGHTS);
  provide([`WEATHER_PASSWORD=${CANARY}2`, `WEATHER_TOKEN=${CANARY}3`]);
  await ask();
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const client = new SecretsManagerClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  await client.send(new PutSecretValueCommand({ SecretId: 'toolwatch/WEATHER_KEY', SecretString: `${CANARY}9` }));
  expect(await ask()).toEqual({ answered: 200 });
  expect(received).toEqual([`${CANARY}9 ${CANARY}2 ${CANARY}3`]);
});

test('an update of the template leaves the value that was put meanwhile', async () => {
  const { provide } = await start(ALL_RIGHTS);
  provide([`WEATHER_KEY=${CANARY}1`, `WEATHER_PASSWORD=${CANARY}2`, `WEATHER_TOKEN=${CANARY}3`]);
  const resources = resourcesWith(ALL_RIGHTS);
  await cloud.redeployWith({ ...resources, Key: { ...resources.Key, Metadata: { changed: true } } });
  expect(await ask()).toEqual({ answered: 200 });
});

test.each([
  ['secret', 1, 'The secret WEATHER_KEY could not be read (AccessDeniedException)'],
  ['parameter', 3, 'The secret WEATHER_TOKEN could not be read (AccessDeniedException)'],
])('a %s that the function may not read is named on the line', async (_, missing, message) => {
  const { provide } = await start(ALL_RIGHTS.filter((_statement, index) => index !== missing));
  provide([`WEATHER_KEY=${CANARY}1`, `WEATHER_PASSWORD=${CANARY}2`, `WEATHER_TOKEN=${CANARY}3`]);
  expect(await ask()).toMatchObject({ code: 'INTERNAL_ERROR', fault: 'ours' });
  expect(writtenLines()).toContain(message);
  expect(cloud.events.refusals).toHaveLength(1);
});
