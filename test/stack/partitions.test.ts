import { RegionInfo } from 'aws-cdk-lib/region-info';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolve } from '../../emulator/cloudformation/intrinsics.ts';
import { createScope } from '../../emulator/cloudformation/scope.ts';
import { parseTemplate } from '../../emulator/cloudformation/template.ts';
import { CONSOLE_DOMAINS } from '../../lib/console.ts';
import type { SettingsInput } from '../../lib/settings.ts';
import { writeAuthorityOf } from '../support/rds-authority.ts';
import { filesBelow, read } from '../support/source-files.ts';
import { alarmsOf, aTool, synthesize } from '../support/synthesized.ts';

/** Everything that the settings can add, so that every kind of resource is looked at. */
const EVERYTHING = {
  database: { kind: 'aurora', proxy: true, multiAz: true },
  alerts: { critical: { emails: ['a@example.com'], https: ['https://pager.example.com'] } },
  topicEncryption: 'key',
  tracing: true,
  rollout: { kind: 'canary', percent: 10, everyMinutes: 40 },
  frontDoor: { kind: 'http-api', jwt: { issuer: 'https://issuer.example.com', audience: ['toolwatch'] } },
  mutes: [{ name: 'night', reason: 'backup', at: 'cron(0 2 * * 6)', minutes: 60, alarms: ['tool/*/slow'] }],
} satisfies SettingsInput;
const tools = [aTool({ provider: 'shop' }), aTool({ name: 'place_order', asksApi: true, provider: 'shop' })];

/** The strings of a template, without its table of the console's domains. */
const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
};

/** Service principals have this name in every partition. */
const SERVICE_PRINCIPAL = /^[a-z0-9-]+\.amazonaws\.com$/;
const COMMERCIAL_ONLY = /arn:aws:|aws\.amazon\.com|amazonaws\.com(?!\.cn)/;

const commercialNamesIn = (templates: object): string[] =>
  stringsIn(templates).filter((text) => COMMERCIAL_ONLY.test(text) && !SERVICE_PRINCIPAL.test(text));

const REGIONS = ['us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'us-iso-east-1'];
const authorities = new Map<string, Awaited<ReturnType<typeof writeAuthorityOf>>>();
beforeAll(async () => {
  for (const region of REGIONS) authorities.set(region, await writeAuthorityOf(region));
});
afterAll(() => {
  for (const { remove } of authorities.values()) remove();
});

test.each(REGIONS)('in %s no template names what only the commercial partition has', (region) => {
  const database = { ...EVERYTHING.database, caFile: authorities.get(region)?.file };
  const { templates, resources } = synthesize({ ...EVERYTHING, database, account: '123456789012', region }, tools);
  expect(commercialNamesIn(templates)).toEqual([]);
  const domain = CONSOLE_DOMAINS[RegionInfo.get(region).partition ?? ''];
  for (const { Properties } of alarmsOf(resources)) {
    expect(Properties.AlarmDescription).toContain(`https://${region}.${domain}/cloudwatch/home?region=${region}#`);
  }
});

describe('a template for any region', () => {
  const { templates } = synthesize(EVERYTHING, tools);

  test('names what only the commercial partition has in nothing but its table of domains', () => {
    const resources = Object.values(templates).map(({ Resources, Outputs }) => ({ Resources, Outputs }));
    expect(commercialNamesIn(resources)).toEqual([]);
  });

  test.each(REGIONS.concat('eu-west-1'))('leads to the console of %s', (region) => {
    const { partition = '' } = RegionInfo.get(region);
    for (const [name, json] of Object.entries(templates)) {
      const template = parseTemplate(json);
      const place = { account: '123456789012', region, partition };
      const created = new Map();
      const scope = createScope({ name, template }, { place, parameters: {}, exports: new Map(), created });
      for (const { Properties } of alarmsOf(json.Resources)) {
        const text = String(resolve(Properties.AlarmDescription, scope, 'AlarmDescription'));
        expect(text).toContain(`https://${region}.${CONSOLE_DOMAINS[partition]}/cloudwatch/home?region=${region}#`);
        expect(text.length).toBeLessThanOrEqual(1_024);
      }
    }
  });
});

test('the console’s domain is known in every partition that the CDK knows', () => {
  const partitions = new Set(RegionInfo.regions.map(({ partition }) => partition));
  expect(Object.keys(CONSOLE_DOMAINS)).toEqual(expect.arrayContaining([...partitions]));
});

test('no source file writes an ARN or an address of the console for one partition', () => {
  const files = ['lib', 'lambdas', 'dashboard', 'operate', 'sql'].flatMap((folder) => filesBelow(folder));
  const writing = files.filter((file) => /arn:aws:|console\.(aws\.amazon|amazonaws)/.test(read(file)));
  expect(writing).toEqual(['lib/console.ts']);
});
