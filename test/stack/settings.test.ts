import { expect, test } from 'vitest';
import type { AlarmFacts } from '../../lambdas/contract/tool-facts.ts';
import { buildApp } from '../../lib/app.ts';
import { readSettings, type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { root } from '../support/source-files.ts';
import { aTool, ofType, synthesize } from '../support/synthesized.ts';

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

const mute = { name: 'night', reason: 'backup', at: 'cron(0 2 * * 6)', minutes: 60, alarms: ['tool/*/slow'] };

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
  [
    { owner: 'Shop (platform)' },
    'Setting owner: write letters, digits, spaces and _ . : / = + - @, and no aws: in front, as AWS wants of tags.',
  ],
  [{ environment: 'prod|eu' }, 'Setting environment: write letters, digits, spaces and _ . : / = + - @'],
  [{ owner: 'aws:me' }, 'Setting owner: write letters'],
  [{ queues: [{ name: 'orders', owner: 'a,b' }] }, 'Setting queues.0.owner: write letters'],
  [{ probes: [{ name: 'a' }, { name: 'a' }] }, 'Setting probes: a stands there twice; write it once.'],
  [{ mutes: [mute, mute] }, 'Setting mutes: night stands there twice; write it once.'],
  [
    { mutes: [{ ...mute, at: 'cron(0 2 * *)' }] },
    'Setting mutes.0.at: write cron(…) with five fields and no steps, such as cron(0 2 * * 6), or at(2027-01-31T02:00) for a single time.',
  ],
  [
    { mutes: [{ ...mute, at: 'cron(0/5 2 * * *)' }] },
    'Setting mutes.0.at: write cron(…) with five fields and no steps',
  ],
  [
    { mutes: [{ ...mute, at: 'cron(0 2 * * 7)' }] },
    'Setting mutes.0.at: 7 is not a valid day of the week; write 0 to 6, or SUN to SAT.',
  ],
  [
    { mutes: [{ ...mute, at: 'at(2027-02-30T02:00)' }] },
    'Setting mutes.0.at: 2027-02-30T02:00 is not a valid time; write at(2027-01-31T02:00).',
  ],
  [{ drill: { at: 'rate(7 days)' } }, 'Setting drill.at: write cron(…) with six fields'],
  [{ drill: { at: 'cron(0 25 ? * TUE *)' } }, 'Setting drill.at: 25 is not a valid hour; write 0 to 23.'],
  [
    { drill: { at: 'cron(0 10 1 13 ? *)' } },
    'Setting drill.at: 13 is not a valid month; write 1 to 12, or JAN to DEC.',
  ],
  [
    { drill: { at: 'cron(0 10 * * TUE *)' } },
    'Setting drill.at: write cron(…) with six fields and a question mark for one of the two days, such as cron(0 10 ? * TUE *).',
  ],
  [
    { alerts: { critical: { emails: ['a@example.com', 'a@example.com'] } } },
    'Setting alerts.critical.emails: a@example.com stands there twice; write it once.',
  ],
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

test('a value for a variable that no tool reads is named, with those that tools do read', () => {
  const tools = [aTool({ settings: ['SHOP_URL'] })];
  expect(() => synthesize({ toolSettings: { SHOP_URL: 'https://shop', SHOP_ULR: 'https://shop' } }, tools)).toThrow(
    'Setting toolSettings.SHOP_ULR: no tool reads it; tools read SHOP_URL. Leave it out, or name it in the facts of the tool',
  );
  expect(() => synthesize({ toolSettings: { SHOP_URL: 'https://shop' } }, tools)).not.toThrow();
});

test('owners in any script are taken, an address among them', () => {
  for (const owner of ['Ladenöffnung 1', '店舗', 'tools@example.com'])
    expect(settingsFrom({ owner }).owner).toBe(owner);
});

test('a tool that may take longer than an HTTP API waits is named', () => {
  const tools = [aTool({ timeoutSeconds: 25 }), aTool({ name: 'slow_tool', timeoutSeconds: 26 })];
  expect(() => synthesize({ frontDoor: { kind: 'http-api', jwt } }, tools)).toThrow(
    /^Setting frontDoor: an HTTP API waits 30 s, and the tool slow_tool may take 26 s; write timeoutSeconds ≤ 25 [^\n]*$/,
  );
});

test.each<[Partial<AlarmFacts>, string]>([
  [{ errorRate: 1 }, 'alarms.errorRate is 1; write a share above 0 and below 1, such as 0.02.'],
  [{ errorRate: 0 }, 'alarms.errorRate is 0; write a share above 0 and below 1, such as 0.02.'],
  [{ criticalP95Ms: 1_000 }, 'alarms.criticalP95Ms is 1000; write milliseconds from p95Ms on and below its timeout.'],
  [{ criticalP95Ms: 10_000 }, 'alarms.criticalP95Ms is 10000; write milliseconds from p95Ms on and below its timeout.'],
  [{ p95Ms: 0 }, 'alarms.p95Ms is 0; write milliseconds above 0 and below its timeout.'],
  [{ p95Ms: 10_000 }, 'alarms.p95Ms is 10000; write milliseconds above 0 and below its timeout.'],
  [{ minCalls: 0.5 }, 'alarms.minCalls is 0.5; write a whole number from 1.'],
  [{ minErrors: 0 }, 'alarms.minErrors is 0; write a whole number from 1.'],
  [{ silentAfterMinutes: 7.5 }, 'alarms.silentAfterMinutes is 7.5; write whole minutes, 5 to 1440.'],
  [{ silentAfterMinutes: 5_000 }, 'alarms.silentAfterMinutes is 5000; write whole minutes, 5 to 1440.'],
  [{ objective: 0.5 }, 'alarms.objective is 0.5; an objective is 0.95 to 0.9999, such as 0.99.'],
  [{ owner: 'Shop (platform)' }, 'alarms.owner is Shop (platform); write letters, digits, spaces and _ . : / = + - @'],
])(
  'a tool whose alarms say %j is refused: one of them could never fire, never rest, or never be deployed',
  (alarms, sentence) => {
    const tools = [aTool({ timeoutSeconds: 10, alarms: { p95Ms: 2_000, errorRate: 0.02, ...alarms } })];
    expect(() => synthesize({}, tools)).toThrow(`The tool order_status: ${sentence}`);
  },
);

test('a tool that stands in the list twice, and one whose function could not be named, are refused', () => {
  expect(() => synthesize({}, [aTool(), aTool()])).toThrow(
    'The tool order_status stands in the list twice; give one of both another name.',
  );
  expect(() => synthesize({ service: 'abcdefghij-abcdefghi' }, [aTool({ name: 'a'.repeat(48) })])).toThrow(
    /would have 74 characters in its name, and Lambda takes 64; write a shorter service/,
  );
});

test('a queue that wakes before it warns is refused', () => {
  expect(() => synthesize({ queues: [{ name: 'orders', criticalDepth: 100 }] })).toThrow(
    'orders would wake somebody at 100 messages before it warns at 500; write warningDepth < criticalDepth.',
  );
});

test('a mute that mutes nothing is refused', () => {
  const mutes = [{ ...mute, alarms: ['tool/*/sloow'] }];
  expect(() => synthesize({ mutes })).toThrow('Setting mutes: no alarm is called tool/*/sloow');
});

test('a mute names alarms as the runbook does, whatever the service is called', () => {
  const { resources } = synthesize({ service: 'shop', mutes: [mute] }, [aTool()]);
  const [rule] = ofType(resources, 'AWS::CloudWatch::AlarmMuteRule');
  expect(rule?.Properties.MuteTargets.AlarmNames).toEqual(['shop/tool/order_status/slow']);
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
