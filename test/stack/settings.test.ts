import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AlarmFacts } from '../../lambdas/contract/tool-facts.ts';
import { buildApp } from '../../lib/app.ts';
import { readSettings, type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { root } from '../support/source-files.ts';
import { alarmsOf, aTool, ofType, synthesize } from '../support/synthesized.ts';

test('every setting has a default', () => {
  expect(settingsFrom({})).toMatchObject({
    service: 'toolwatch',
    refreshMinutes: 5,
    database: { instance: 't4g.micro' },
  });
});

test('the settings in cdk.json are valid', () => {
  expect(readSettings(`${root}/cdk.json`).alerts.critical.emails).toHaveLength(1);
});

test('a deployment goes where the settings say, and otherwise where the credentials are', () => {
  const credentials = { account: '123456789012', region: 'eu-central-2' };
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-place-'));
  const file = join(folder, 'cdk.json');
  const placeWith = (settings: SettingsInput) => {
    writeFileSync(file, JSON.stringify({ toolwatch: settings }));
    const { account, region } = readSettings(file, credentials);
    return { account, region };
  };
  const named = { account: '210987654321', region: 'eusc-de-east-1' };
  expect([placeWith({}), placeWith(named)]).toEqual([credentials, named]);
  expect(() => placeWith({ region: 'eu-west-1' })).toThrow('account and region only work together');
  rmSync(folder, { recursive: true });
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
  [
    { alerts: { critical: { https: ['https://contoso.webhook.office.com/webhookb2/x'] } } },
    'Setting alerts.critical.https.0: contoso.webhook.office.com must not be used any more. Microsoft has switched off',
  ],
  [{ logRetentionDays: 8 as never }, 'Setting logRetentionDays: write 7, 14, 30, 60, 90, 180 or 365.'],
  [{ account: '123456789012' }, 'Setting account: account and region only work together; write both or neither.'],
  [
    { queues: [{ name: 'arn:aws:sqs:eu-central-1:123456789012:orders' }] },
    'Setting queues.0.name: write the name of an SQS queue, not its ARN or address.',
  ],
  [
    { owner: 'Shop (platform)' },
    'Setting owner: write letters, digits, spaces and _ . : / = + - @, not beginning with aws:, ' +
      'as AWS requires of tags.',
  ],
  [{ environment: 'prod|eu' }, 'Setting environment: write letters, digits, spaces and _ . : / = + - @'],
  [{ owner: 'aws:me' }, 'Setting owner: write letters'],
  [{ queues: [{ name: 'orders', owner: 'a,b' }] }, 'Setting queues.0.owner: write letters'],
  [{ logLevel: 'WARN' as never }, 'Setting logLevel: '],
  [{ requests: { lines: 'none' as never } }, 'Setting requests.lines: '],
  [
    { requests: { sessionHandles: true } },
    'Setting requests.sessionHandles: handles are signed with userHashKey; write it, or leave this out.',
  ],
  [
    { requests: { unverifiedTokens: true }, frontDoor: { kind: 'http-api', jwt } },
    'Setting requests.unverifiedTokens: an HTTP API verifies every token; leave it out.',
  ],
  [
    { frontDoor: { kind: 'function-url' }, requests: { sourceGptClaim: 'gpt' } },
    'Setting requests.sourceGptClaim: with Function URLs no token is read; write unverifiedTokens: true, or leave it out.',
  ],
  [
    { labelRules: [{ prefix: 'shop_' }] },
    'Setting labelRules: shop_ labels nothing; write gptName, provider or domain.',
  ],
  [
    {
      labelRules: [
        { prefix: 'a', gptName: 'A' },
        { prefix: 'a', gptName: 'B' },
      ],
    },
    'Setting labelRules: a is listed twice; write it once.',
  ],
  [
    { labelRules: Array.from({ length: 90 }, (_, index) => ({ prefix: `tool_${index}_`, provider: 'shop' })) },
    'Setting labelRules: the rules have more than 2048 bytes as JSON; write fewer.',
  ],
  [{ probes: [{ name: 'a' }, { name: 'a' }] }, 'Setting probes: a is listed twice; write it once.'],
  [{ mutes: [mute, mute] }, 'Setting mutes: night is listed twice; write it once.'],
  [
    { mutes: [{ ...mute, at: 'cron(0 2 * *)' }] },
    'Setting mutes.0.at: write cron(…) with five fields and no steps, such as cron(0 2 * * 6), ' +
      'or at(2027-01-31T02:00) for a single time.',
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
  [{ weekReport: { at: 'rate(7 days)' } }, 'Setting weekReport.at: write cron(…) with six fields'],
  [
    { weekReport: { timeZone: 'Berlin' } },
    'Setting weekReport.timeZone: write the name of a time zone, such as Europe/Berlin or UTC.',
  ],
  [{ weekReport: { timeZone: 'europe/berlin' } }, 'Setting weekReport.timeZone: write Europe/Berlin.'],
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
    'Setting alerts.critical.emails: a@example.com is listed twice; write it once.',
  ],
  [{ alarms: { badWindows: 5 } }, 'Setting alarms: 5 of 3 windows can never be bad; write badWindows ≤ windows.'],
  [{ frontDoor: { kind: 'door' } as never }, "Setting frontDoor.kind: write 'function-url' or 'http-api'."],
  [
    { frontDoor: { kind: 'function-url', domain: { name: 'tools.example.com' } } as never },
    "Setting frontDoor.domain: only an HTTP API has a domain; write kind: 'http-api', or leave it out.",
  ],
  [{ frontDoor: { kind: 'http-api', jwt: true } as never }, 'Setting frontDoor.jwt: write jwt: { issuer, audience }.'],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, issuer: 'http://issuer.example.com' } } },
    'Setting frontDoor.jwt.issuer: write an address that begins with https://.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, audience: [] } } },
    'Setting frontDoor.jwt.audience: write the audience that tokens must have, at least one.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { issuer: jwt.issuer } as never } },
    'Setting frontDoor.jwt.audience: write the audience that tokens must have, at least one.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt }, tenants: true },
    'Setting frontDoor.jwt: with tenants, a claim must name the tenant of a token; ' +
      'write tenantClaim, or tenants: false.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, tenantClaim: 'tenant' } } },
    'Setting frontDoor.jwt: without tenants, tenantClaim has no effect; write tenants: true, or leave it out.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, audience: Array(48).fill('a') } } },
    'Setting frontDoor.jwt.audience: write at most 47; an authorizer has 50, of which three are our own addresses.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, scopes: Array(10).fill('a') } } },
    "Setting frontDoor.jwt.scopes: write at most 8; a route has 10, of which two are the operator's and of /metrics.",
  ],
  [
    {
      frontDoor: { kind: 'http-api', jwt: { ...jwt, tenantClaim: 'tenant', operatorScope: 'operate' } },
      tenants: true,
    },
    'Setting frontDoor.jwt: without scopes, nothing verifies that a token has operatorScope; ' +
      'write scopes that callers have, or leave operatorScope out.',
  ],
  [
    {
      frontDoor: {
        kind: 'http-api',
        jwt: { ...jwt, scopes: ['call', 'operate'], tenantClaim: 'tenant', operatorScope: 'operate' },
      },
      tenants: true,
    },
    'Setting frontDoor.jwt: every client asks for scopes, so operate would make it the operator; ' +
      'leave it out of scopes.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, metricsScope: 'metrics' } } },
    'Setting frontDoor.jwt: without scopes, nothing verifies that a token has metricsScope; ' +
      'write scopes that callers have, or leave metricsScope out.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt: { ...jwt, scopes: ['metrics'], metricsScope: 'metrics' } } },
    'Setting frontDoor.jwt: every client asks for scopes, so metrics would take everything else from it; ' +
      'leave it out of scopes.',
  ],
  [
    {
      frontDoor: {
        kind: 'http-api',
        jwt: { ...jwt, scopes: ['call'], tenantClaim: 'tenant', operatorScope: 'all', metricsScope: 'all' },
      },
      tenants: true,
    },
    'Setting frontDoor.jwt: operatorScope and metricsScope are the same; write two, or leave one out.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, signIn: { mfa: 'required' } } },
    'Setting frontDoor.signIn: it says who may sign in at the issuer that the stack makes, and frontDoor.jwt names ' +
      'another one; leave one of them out.',
  ],
  [
    { frontDoor: { kind: 'http-api', signIn: { mfa: 'on' } } as never },
    "Setting frontDoor.signIn.mfa: write 'off', 'optional' or 'required'.",
  ],
  [
    { frontDoor: { kind: 'http-api', signIn: { firstUser: 'ann' } } },
    'Setting frontDoor.signIn.firstUser: write an e-mail address such as ann@your.company.',
  ],
  [
    { frontDoor: { kind: 'http-api', signIn: { origins: ['https://tools.example.com/'] } } },
    'Setting frontDoor.signIn.origins.0: write an origin such as https://tools.example.com, and nothing after it.',
  ],
  [
    { frontDoor: { kind: 'http-api', signIn: { clientCallbacks: ['http://127.0.0.1:33418'] } } },
    'Setting frontDoor.signIn.clientCallbacks.0: write an https:// address, one of http://localhost, or one of a program.',
  ],
  [
    {
      frontDoor: {
        kind: 'http-api',
        signIn: { machines: Array(2).fill({ name: 'prometheus', may: ['metrics'] }) },
      },
    },
    'Setting frontDoor.signIn.machines: prometheus is listed twice; write it once.',
  ],
  [
    { frontDoor: { kind: 'http-api', signIn: { machines: [{ name: 'Prometheus', may: [] }] } } },
    'Setting frontDoor.signIn.machines.0.may: write at least one of',
  ],
  [
    { frontDoor: { kind: 'function-url', openHealth: true } as never },
    "Setting frontDoor.openHealth: only an HTTP API has open paths; write kind: 'http-api', or leave it out.",
  ],
  [
    { frontDoor: { kind: 'function-url', signIn: {} } as never },
    "Setting frontDoor.signIn: only an HTTP API has sign-in; write kind: 'http-api', or leave it out.",
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, origins: ['https://app.example.com/'] } },
    'Setting frontDoor.origins.0: write an origin such as https://app.example.com, and nothing after it.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, domain: { ...domain, hostedZoneId: 'Z1', hostedZoneName: 'example.com' } } },
    'Setting frontDoor.domain: hostedZoneId and hostedZoneName name the same zone; write only one of them.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, domain: { ...domain, hostedZoneName: 'example.org' } } },
    'Setting frontDoor.domain: tools.example.com is not in the zone example.org; write a name in that zone.',
  ],
  [
    { frontDoor: { kind: 'http-api', jwt, domain }, account: '123456789012', region: 'eu-central-1' },
    'Setting frontDoor.domain.certificateArn: the certificate is in us-east-1 and the API in eu-central-1; ' +
      'write the ARN of one in eu-central-1.',
  ],
])('the setting %j is refused, with what to write', (input, sentence) => {
  expect(() => settingsFrom(input)).toThrow(sentence);
});

test('an unknown setting is refused by its name', () => {
  expect(() => settingsFrom({ retentionDay: 3 })).toThrow(/retentionDay/);
});

test('a variable of a tool without a value is refused, with the name of the tool', () => {
  const tools = [aTool({ settings: ['SHOP_URL'] })];
  expect(() => synthesize({}, tools)).toThrow(
    'Setting toolSettings.SHOP_URL: the tool order_status reads it; write its value under toolSettings.',
  );
});

test('a value for a variable that no tool reads is refused, with those that tools do read', () => {
  const tools = [aTool({ settings: ['SHOP_URL'] })];
  expect(() => synthesize({ toolSettings: { SHOP_URL: 'https://shop', SHOP_ULR: 'https://shop' } }, tools)).toThrow(
    'Setting toolSettings.SHOP_ULR: no tool reads it; tools read SHOP_URL. ' +
      "Leave it out, or name it in the settings of a tool's facts.",
  );
  expect(() => synthesize({ toolSettings: { SHOP_URL: 'https://shop' } }, tools)).not.toThrow();
});

test('an owner may be in any script, or an address', () => {
  for (const owner of ['Ladenöffnung 1', '店舗', 'tools@example.com'])
    expect(settingsFrom({ owner }).owner).toBe(owner);
});

test('a tool that may take longer than an HTTP API waits is refused by its name', () => {
  const tools = [aTool({ timeoutSeconds: 25 }), aTool({ name: 'slow_tool', timeoutSeconds: 26 })];
  expect(() => synthesize({ frontDoor: { kind: 'http-api', jwt } }, tools)).toThrow(
    /^Setting frontDoor: .* waits 30 s, but the tool slow_tool may take 26 s; write timeoutSeconds ≤ 25 [^\n]*$/,
  );
});

test.each<[Partial<AlarmFacts>, string]>([
  [{ errorRate: 1 }, 'alarms.errorRate is 1; write a share above 0 and below 1, such as 0.02.'],
  [{ errorRate: 0 }, 'alarms.errorRate is 0; write a share above 0 and below 1, such as 0.02.'],
  [
    { criticalP95Ms: 1_000 },
    'alarms.criticalP95Ms is 1000; write milliseconds not below p95Ms, and below its timeout.',
  ],
  [
    { criticalP95Ms: 10_000 },
    'alarms.criticalP95Ms is 10000; write milliseconds not below p95Ms, and below its timeout.',
  ],
  [{ p95Ms: 0 }, 'alarms.p95Ms is 0; write milliseconds above 0 and below its timeout.'],
  [{ p95Ms: 10_000 }, 'alarms.p95Ms is 10000; write milliseconds above 0 and below its timeout.'],
  [{ minCalls: 0.5 }, 'alarms.minCalls is 0.5; write a whole number from 1.'],
  [{ minErrors: 0 }, 'alarms.minErrors is 0; write a whole number from 1.'],
  [{ silentAfterMinutes: 7.5 }, 'alarms.silentAfterMinutes is 7.5; write whole minutes, 5 to 1440.'],
  [{ silentAfterMinutes: 5_000 }, 'alarms.silentAfterMinutes is 5000; write whole minutes, 5 to 1440.'],
  [{ objective: 0.5 }, 'alarms.objective is 0.5; write a share from 0.95 to 0.9999, such as 0.99.'],
  [{ owner: 'Shop (platform)' }, 'alarms.owner is Shop (platform); write letters, digits, spaces and _ . : / = + - @'],
])(
  'a tool with the alarms %j is refused: one of them would never fire, never stop firing, or not be deployable',
  (alarms, sentence) => {
    const tools = [aTool({ timeoutSeconds: 10, alarms: { p95Ms: 2_000, errorRate: 0.02, ...alarms } })];
    expect(() => synthesize({}, tools)).toThrow(`The tool order_status: ${sentence}`);
  },
);

test('a tool that is listed twice, and one with too long a name for its function, are refused', () => {
  expect(() => synthesize({}, [aTool(), aTool()])).toThrow(
    'The tool order_status is listed twice; rename one of the two.',
  );
  expect(() => synthesize({ service: 'abcdefghij-abcdefghi' }, [aTool({ name: 'a'.repeat(48) })])).toThrow(
    /would have 74 characters, and Lambda allows 64; write a shorter service/,
  );
});

test('a depth of 0 means any message: as a warning, or at once critical and then without a warning', () => {
  const { resources } = synthesize({
    queues: [
      { name: 'dead', warningDepth: 0, criticalDepth: 1 },
      { name: 'never', criticalDepth: 0 },
    ],
  });
  const depths = alarmsOf(resources)
    .filter(({ Properties }) => Properties.MetricName === 'ApproximateNumberOfMessagesVisible')
    .map(({ Properties: { AlarmName, Threshold, ComparisonOperator } }) => [AlarmName, Threshold, ComparisonOperator]);
  expect(depths).toEqual([
    ['queue/dead/filling', 0, 'GreaterThanThreshold'],
    ['queue/dead/flooded', 1, 'GreaterThanThreshold'],
    ['queue/never/flooded', 0, 'GreaterThanThreshold'],
  ]);
  expect(() => synthesize({ queues: [{ name: 'orders', warningDepth: -1 }] })).toThrow('Setting queues.0.warningDepth');
});

test('a queue whose critical depth is below its warning depth is refused', () => {
  expect(() => synthesize({ queues: [{ name: 'orders', criticalDepth: 100 }] })).toThrow(
    'the critical depth of orders is 100 and its warning depth 500; write warningDepth < criticalDepth.',
  );
});

test('a mute that matches no alarm is refused', () => {
  const mutes = [{ ...mute, alarms: ['tool/*/sloow'] }];
  expect(() => synthesize({ mutes })).toThrow('Setting mutes: no alarm is called tool/*/sloow');
});

test('a mute names alarms as the runbook does, whatever the service’s name', () => {
  const { resources } = synthesize({ service: 'shop', mutes: [mute] }, [aTool()]);
  const [rule] = ofType(resources, 'AWS::CloudWatch::AlarmMuteRule');
  expect(rule?.Properties.MuteTargets.AlarmNames).toEqual(['shop/tool/order_status/slow']);
});

test('account and region reach every stack, and nothing is looked up', () => {
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

test('the log level of the environment reaches every function, and a tool may have its own', () => {
  const tools = [aTool(), aTool({ name: 'place_order', logLevel: 'TRACE' })];
  const { resources } = synthesize({ logLevel: 'DEBUG' }, tools);
  const levels = ofType(resources, 'AWS::Lambda::Function')
    .map(({ Properties }) => Properties)
    // The CDK's own provider writes no entries.
    .filter(({ FunctionName, LoggingConfig }) => FunctionName && LoggingConfig);
  for (const { FunctionName, LoggingConfig } of levels) {
    const expected = String(FunctionName).endsWith('tool-place_order') ? 'TRACE' : 'DEBUG';
    expect([FunctionName, LoggingConfig.ApplicationLogLevel]).toEqual([FunctionName, expected]);
  }
  expect(levels.length).toBeGreaterThan(5);
});

test('rules label the tools that state no labels: in their functions, and where their alarms look', () => {
  const labelRules = [{ prefix: 'order_', gptName: 'Shop', provider: 'shop' }];
  const { resources } = synthesize({ labelRules }, [aTool(), aTool({ name: 'order_price', readOnly: true })]);
  const variables = ofType(resources, 'AWS::Lambda::Function').map(
    ({ Properties }) => Properties.Environment?.Variables ?? {},
  );
  expect(variables.filter((all) => all.TOOLWATCH_LABEL_RULES === JSON.stringify(labelRules))).toHaveLength(3);
  const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.AlarmName);
  expect(alarms.filter((name) => /provider\/shop/.test(String(name)))).not.toEqual([]);
});
