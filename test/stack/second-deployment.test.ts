import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SettingsInput } from '../../lib/settings.ts';
import { findObstacles, type Obstacle } from '../support/second-deployment.ts';
import { read } from '../support/source-files.ts';
import { aTool, synthesize, type Template } from '../support/synthesized.ts';

const alarms = { p95Ms: 2_000, errorRate: 0.02, objective: 0.99, silentAfterMinutes: 60 };
const tools = [aTool(), aTool({ name: 'place_order', asksApi: true, provider: 'shop' })];
const moreTools = [...tools, aTool({ name: 'forecast', provider: 'shop', alarms }), aTool({ name: 'greet' })];
const jwt = { issuer: 'https://issuer.example.com', audience: ['toolwatch'] };
const domain = {
  name: 'tools.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
};

/** Each kind of settings, with what distinguishes it from the defaults. */
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-4444-8888-000000000000';
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:alarms';
const KINDS = {
  'the defaults': {},
  'a larger instance behind a proxy': { database: { proxy: true, instance: 't4g.small', storageGb: 100 } },
  'an instance with an unused proxy': { database: { proxy: 'unused', multiAz: true } },
  Aurora: { database: { kind: 'aurora', multiAz: true } },
  'another version of Aurora behind a proxy': { database: { kind: 'aurora', version: '18.3', proxy: true } },
  'tokens at a domain': {
    frontDoor: { kind: 'http-api', jwt: { ...jwt, tenantClaim: 'tenant' }, domain },
    tenants: true,
  },
  'no groups of tools': { toolGroups: 0 },
  'other groups of tools': { toolGroups: 5 },
  'another place, environment and retention': {
    account: '123456789012',
    region: 'us-east-1',
    environment: 'staging',
    deploymentName: 'toolwatch',
    logRetentionDays: 30,
  },
  'a network that exists': { network: { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'] } },
  'lean monitoring, without SQL for people': {
    monitoring: 'lean',
    drill: false,
    smokeTest: false,
    sql: false,
    archive: false,
  },
  'lean monitoring of Aurora behind a proxy': { monitoring: 'lean', database: { kind: 'aurora', proxy: true } },
  'keys that exist': {
    keys: { logs: KEY, payloads: KEY, archive: KEY, database: KEY, secrets: KEY, queues: KEY },
    topicEncryption: KEY,
  },
  'a log group and topics that exist': {
    callLogName: '/acme/tools',
    topics: { critical: TOPIC, warning: TOPIC },
  },
  'every alarm, a gradual rollout and traces': {
    alarms: { callerFaultShift: true },
    alerts: { critical: { emails: ['a@example.com'], https: ['https://pager.example.com'] } },
    topicEncryption: 'key',
    queues: [{ name: 'orders' }],
    rollout: { kind: 'canary', percent: 10, everyMinutes: 40 },
    tracing: true,
  },
} satisfies Record<string, SettingsInput>;
type Kind = keyof typeof KINDS;

const templates = new Map<string, Record<string, Template>>();
const templatesOf = (settings: SettingsInput, listed = tools): Record<string, Template> => {
  const key = JSON.stringify([settings, listed.length]);
  const known = templates.get(key) ?? synthesize(settings, listed).templates;
  templates.set(key, known);
  return known;
};

const describeAll = (obstacles: Obstacle[]) => obstacles.map(({ kind, what }) => `${kind}: ${what}`);

/** Why a change is not made in one step: it says so before anything changes, or in the documents. */
const refusalOf = (before: SettingsInput, after: SettingsInput): string | undefined => {
  const [old, next] = [before.database ?? {}, after.database ?? {}];
  if ((old.kind ?? 'instance') !== (next.kind ?? 'instance')) return 'DatabaseKind';
  if (before.keys?.database !== after.keys?.database) return 'DatabaseKey';
  if (before.callLogName !== after.callLogName) return 'CallLog';
  if (before.network?.vpcId !== after.network?.vpcId) return 'Network';
  if ((before.toolGroups ?? 16) !== (after.toolGroups ?? 16)) return 'ToolGroups';
  return old.proxy === true && !next.proxy ? 'proxy' : undefined;
};

const expectOutcome = (before: SettingsInput, after: SettingsInput): void => {
  const obstacles = findObstacles(templatesOf(before), templatesOf(after));
  const refusal = refusalOf(before, after);
  if (refusal === undefined) expect(describeAll(obstacles)).toEqual([]);
  else if (refusal === 'proxy') {
    // It fails before anything is created or deleted, and the documents say how to go on.
    for (const { kind, what } of obstacles) expect(`${kind} ${what}`).toMatch(/^export .*DatabaseProxy/);
    expect(obstacles.length).toBeGreaterThan(0);
  } else {
    expect(new Set(obstacles.map(({ kind }) => kind))).toEqual(new Set(['parameter']));
    expect(describeAll(obstacles).join()).toContain(`Parameter ${refusal} must stay`);
  }
};

describe.each(Object.keys(KINDS) as Kind[])('from %s', (before) => {
  test('to every other kind of settings, nothing stands in the way that is not said before', () => {
    for (const after of Object.keys(KINDS) as Kind[]) expectOutcome(KINDS[before], KINDS[after]);
  });
});

test('whatever else changes with it, a change is made, or refused before it begins', () => {
  const settings = fc.record({
    database: fc.record({
      kind: fc.constantFrom('instance' as const, 'aurora' as const),
      proxy: fc.constantFrom(true, false, 'unused' as const),
      multiAz: fc.boolean(),
    }),
    toolGroups: fc.constantFrom(0, 3, 16),
    monitoring: fc.constantFrom('full' as const, 'lean' as const),
    frontDoor: fc.constantFrom({ kind: 'http-api' as const, jwt }, { kind: 'function-url' as const }),
    tracing: fc.boolean(),
  });
  fc.assert(fc.property(settings, settings, expectOutcome), { numRuns: 3 });
});

test('tools come, go and depend on a provider together without a name in the way', () => {
  const [few, many] = [templatesOf({}), templatesOf({}, moreTools)];
  expect(describeAll([...findObstacles(few, many), ...findObstacles(many, few)])).toEqual([]);
});

test('a service with another name stands beside the first, and shares nothing with it', () => {
  const both = [templatesOf({}), templatesOf({ service: 'shop' })].map(Object.keys);
  expect(both[0]?.filter((stack) => both[1]?.includes(stack))).toEqual([]);
});

test('another environment stands beside the first, and shares nothing with it', () => {
  const both = [templatesOf({}), templatesOf({ environment: 'staging' })].map(Object.keys);
  expect(both[0]?.filter((stack) => both[1]?.includes(stack))).toEqual([]);
});

test('a service whose stacks would have the name of another one’s is refused', () => {
  const [obstacle] = findObstacles(templatesOf({ service: 'tool-1' }), templatesOf({ service: 'tool1' }));
  expect(obstacle).toEqual({
    kind: 'parameter',
    what: expect.stringMatching(/^Parameter Service must stay what it was .* This deployment says tool1; write /),
  });
});

describe('the checks find', () => {
  const [data, app] = ['ToolwatchData', 'ToolwatchApp'];
  const edited = (edit: (copy: Record<string, Template>) => void) => {
    const copy = structuredClone(templatesOf({}));
    edit(copy);
    return copy;
  };
  const resourceOf = (all: Record<string, Template>, stack: string, type: string) =>
    Object.values(all[stack]?.Resources ?? {}).find(({ Type }) => Type === type)?.Properties;

  test.each<[string, (copy: Record<string, Template>) => void, string]>([
    [
      'a protected database that is replaced',
      (copy) => Object.assign(resourceOf(copy, data, 'AWS::RDS::DBInstance'), { StorageEncrypted: false }),
      'protection: ToolwatchData/DatabaseInstance02E622FB',
    ],
    [
      'a chosen name whose resource is replaced',
      (copy) => Object.assign(resourceOf(copy, app, 'AWS::Lambda::Function'), { PackageType: 'Image' }),
      'name: AWS::Lambda::Function toolwatch-',
    ],
    [
      'an export that is gone',
      (copy) => {
        for (const output of Object.values(copy[data]?.Outputs ?? {})) delete output.Export;
      },
      'export: ToolwatchData:ExportsOutput',
    ],
  ])('%s', (_, edit, found) => {
    expect(describeAll(findObstacles(templatesOf({}), edited(edit))).join('\n')).toContain(found);
  });
});

test('the documents name every change that needs a step of its own', () => {
  const [, section = ''] =
    /^## Changes that need a step of their own\n([\s\S]*?)^## /m.exec(read('docs/deploying.md')) ?? [];
  for (const word of ['`database.kind`', '`toolGroups`', '`database.proxy`', '`service`'])
    expect(section).toContain(word);
});
