import { expect, test } from 'vitest';
import { buildApp } from '../../lib/app.ts';
import { readSettings, type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { root } from '../support/source-files.ts';
import { aTool, synthesize } from '../support/synthesized.ts';

test('nothing needs to be set', () => {
  expect(settingsFrom({})).toMatchObject({
    service: 'toolwatch',
    refreshMinutes: 5,
    database: { instance: 't4g.micro' },
  });
});

test('what the repository comes with is right', () => {
  expect(readSettings(`${root}/cdk.json`).alerts.critical.emails).toHaveLength(1);
});

const jwt = { issuer: 'https://issuer.example.com', audience: ['toolwatch'] };
const domain = {
  name: 'tools.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
};

test.each<[SettingsInput, string]>([
  [{ service: 'Tool Watch' }, 'Setting service: write 2 to 20 lower-case letters, digits and hyphens, a letter first.'],
  [{ alerts: { critical: { emails: ['nobody'] } } }, 'Setting alerts.critical.emails.0: write an e-mail address.'],
  [
    { alerts: { warning: { https: ['http://hook'] } } },
    'Setting alerts.warning.https.0: write an address that begins with https://.',
  ],
  [{ logRetentionDays: 8 as never }, 'Setting logRetentionDays: write 7, 14, 30, 60, 90, 180 or 365.'],
  [{ account: '123456789012' }, 'Setting account: account and region belong together; write both or neither.'],
  [
    { queues: [{ name: 'arn:aws:sqs:eu-central-1:123456789012:orders' }] },
    'Setting queues.0.name: write the name of an SQS queue, not its ARN or address.',
  ],
  [{ probes: [{ name: 'a' }, { name: 'a' }] }, 'Setting probes: a stands there twice; write it once.'],
  [{ alarms: { badWindows: 5 } }, 'Setting alarms: 5 bad windows of 4 can never be; write badWindows ≤ windows.'],
  [{ frontDoor: { kind: 'door' } as never }, "Setting frontDoor.kind: write 'function-url' or 'http-api'."],
  [
    { frontDoor: { kind: 'function-url', domain: { name: 'tools.example.com' } } as never },
    "Setting frontDoor.domain: only an HTTP API has a domain; write kind: 'http-api', or leave it out.",
  ],
  [{ frontDoor: { kind: 'http-api' } as never }, 'Setting frontDoor.jwt: write jwt: { issuer, audience }.'],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, issuer: 'http://issuer.example.com' } } },
    'Setting frontDoor.jwt.issuer: write an address that begins with https://.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, audience: [] } } },
    'Setting frontDoor.jwt.audience: write whom tokens must be for, at least one.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { issuer: jwt.issuer } as never } },
    'Setting frontDoor.jwt.audience: write whom tokens must be for, at least one.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt }, tenants: true },
    'Setting frontDoor.jwt: there are tenants, and no claim says whose a token is; write tenantClaim, or tenants: false.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, tenantClaim: 'tenant' } } },
    'Setting frontDoor.jwt: without tenants nobody reads tenantClaim and operatorScope; write tenants: true, or leave them out.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, origins: ['https://app.example.com/'] } },
    'Setting frontDoor.origins.0: write an origin such as https://app.example.com, and nothing after it.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, domain: { ...domain, hostedZoneId: 'Z1', hostedZoneName: 'example.com' } } },
    'Setting frontDoor.domain: hostedZoneId and hostedZoneName name the same zone; write one of them.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, domain: { ...domain, hostedZoneName: 'example.org' } } },
    'Setting frontDoor.domain: tools.example.com is no name of the zone example.org; write a name below it.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, domain }, account: '123456789012', region: 'eu-central-1' },
    'Setting frontDoor.domain.certificateArn: the certificate is in us-east-1 and the API in eu-central-1; write one of eu-central-1.',
  ],
])('%j is refused with a sentence', (input, sentence) => {
  expect(() => settingsFrom(input)).toThrow(sentence);
});

test('a setting that does not exist is named', () => {
  expect(() => settingsFrom({ retentionDay: 3 })).toThrow(/retentionDay/);
});

test('a variable that a tool reads and nobody gives a value is named, with its tool', () => {
  const tools = [aTool({ settings: ['SHOP_URL'] })];
  expect(() => synthesize({}, tools)).toThrow(
    'Setting toolSettings.SHOP_URL: the tool order_status reads it; write its value under toolSettings.',
  );
});

test('a tool that may take longer than an HTTP API waits is named', () => {
  const tools = [aTool({ timeoutSeconds: 25 }), aTool({ name: 'slow_tool', timeoutSeconds: 26 })];
  expect(() => synthesize({ frontDoor: { kind: 'http-api', jwt } }, tools)).toThrow(
    /^Setting frontDoor: an HTTP API waits 30 s, and the tool slow_tool may take 26 s; write timeoutSeconds ≤ 25 [^\n]*$/,
  );
});

test('an objective nobody could measure is refused', () => {
  const tools = [aTool({ alarms: { p95Ms: 1, errorRate: 0.1, objective: 0.5 } })];
  expect(() => synthesize({}, tools)).toThrow(/an objective is 0.95 to 0.9999/);
});

test('a queue that wakes before it warns is refused', () => {
  expect(() => synthesize({ queues: [{ name: 'orders', criticalDepth: 100 }] })).toThrow(
    'orders would wake somebody at 100 messages before it warns at 500; write warningDepth < criticalDepth.',
  );
});

test('a mute that mutes nothing is refused', () => {
  const mutes = [{ name: 'night', reason: 'backup', at: 'cron(0 2 * * 6)', minutes: 60, alarms: ['tool/*/sloow'] }];
  expect(() => synthesize({ mutes })).toThrow('Setting mutes: no alarm is called tool/*/sloow');
});

test('account and region reach every stack, and still nothing is looked up', () => {
  const app = buildApp(settingsFrom({ account: '123456789012', region: 'eu-central-1' }), {
    tools: [aTool()],
    bundles: { function: () => `${root}/sql`, tool: () => `${root}/sql`, version: 'test', dispose: () => {} },
  });
  const assembly = app.synth();
  expect(assembly.manifest.missing).toBeUndefined();
  expect(assembly.stacks.map(({ environment }) => environment.name)).toEqual(
    Array(2).fill('aws://123456789012/eu-central-1'),
  );
});
