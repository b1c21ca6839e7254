import { RegionInfo } from 'aws-cdk-lib/region-info';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { InvalidSettings, type SettingsInput } from '../../lib/settings.ts';
import { writeAuthorityOf } from '../support/rds-authority.ts';
import { ofType, synthesize } from '../support/synthesized.ts';

// What a region lacks is known from CloudFormation's schemas.
beforeAll(() => void vi.stubEnv('CDK_VALIDATION', 'true'));
afterAll(() => void vi.unstubAllEnvs());

const jwt = { issuer: 'https://issuer.example.com', audience: ['toolwatch'] };
const tokens = { frontDoor: { kind: 'http-api', jwt } } as const;
const inRegion = (region: string, settings: SettingsInput = {}): SettingsInput => ({
  ...settings,
  account: '123456789012',
  region,
});
/** What synthesis says of settings that cannot be deployed; empty when they can. */
const refusalOf = (settings: SettingsInput): string => {
  try {
    synthesize(settings);
    return '';
  } catch (error) {
    if (error instanceof InvalidSettings) return error.message;
    throw error;
  }
};

test('a region without Function URLs is named, with the front door that it has', () => {
  const urls = { frontDoor: { kind: 'function-url' } } as const;
  expect(refusalOf(inRegion('eu-central-2', urls))).toBe(
    "Setting frontDoor: write kind: 'http-api'; the region eu-central-2 has no AWS::Lambda::Url.",
  );
  expect(refusalOf(inRegion('eu-central-2', tokens))).toBe('');
});

describe('a region whose authority is not known to the functions', () => {
  const authorities = new Map<string, Awaited<ReturnType<typeof writeAuthorityOf>>>();
  beforeAll(async () => {
    for (const region of ['us-gov-west-1', 'ca-west-1', 'ap-east-2']) {
      authorities.set(region, await writeAuthorityOf(region));
    }
  });
  afterAll(() => {
    for (const { remove } of authorities.values()) remove();
  });
  const withAuthority = (region: string, { database, ...settings }: SettingsInput = {}) =>
    inRegion(region, { ...settings, database: { ...database, caFile: authorities.get(region)?.file } });

  test.each([
    ['us-gov-west-1', 'https://truststore.pki.us-gov-west-1.rds.amazonaws.com/us-gov-west-1/us-gov-west-1-bundle.pem'],
    ['cn-north-1', 'https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/cn-north-1/cn-north-1-bundle.pem'],
    ['il-central-1', 'https://truststore.pki.rds.amazonaws.com/il-central-1/il-central-1-bundle.pem'],
  ])('%s is refused, with the address of its authority', (region, address) => {
    expect(refusalOf(inRegion(region, tokens))).toMatch(/^Setting database\.caFile: .* download .* write the path/);
    expect(refusalOf(inRegion(region, tokens))).toContain(address);
  });

  test('is accepted with a file of its own, and not with one of another region or without certificates', () => {
    expect(refusalOf(withAuthority('us-gov-west-1', tokens))).toBe('');
    const caFile = authorities.get('ca-west-1')?.file;
    expect(refusalOf(inRegion('us-gov-west-1', { database: { caFile } }))).toContain('us-gov-west-1-bundle.pem');
    expect(refusalOf(inRegion('us-gov-west-1', { database: { caFile: 'cdk.json' } }))).toBe(
      'Setting database.caFile: cdk.json contains no certificate; write the path of a PEM file.',
    );
    expect(refusalOf(inRegion('us-gov-west-1', { database: { caFile: 'none.pem' } }))).toMatch(
      /^Setting database\.caFile: none\.pem cannot be read .*; write the path of a PEM file\.$/,
    );
  });

  test('without a class of database or without a proxy is named, with what to write', () => {
    expect(refusalOf(withAuthority('ca-west-1', tokens))).toBe(
      "Setting database.instance: write r7g.large, or kind: 'aurora'; the region ca-west-1 has no t4g.micro.",
    );
    expect(refusalOf(withAuthority('ca-west-1', { ...tokens, database: { instance: 'r7g.large' } }))).toBe('');
    expect(refusalOf(withAuthority('ap-east-2', { ...tokens, database: { proxy: true } }))).toContain(
      'Setting database.proxy: write false; the region ap-east-2 has no AWS::RDS::DBProxy.',
    );
  });
});

test('in every region of AWS, synthesis succeeds or says which setting to change', () => {
  const region = fc.constantFrom(...RegionInfo.regions.map(({ name }) => name));
  fc.assert(
    fc.property(region, fc.constantFrom({}, tokens), (name, settings) => {
      for (const sentence of refusalOf(inRegion(name, settings)).split('\n').filter(Boolean)) {
        expect(sentence).toMatch(/^Setting [a-zA-Z.]+: .*write .*\.$/);
        expect(sentence).toContain(name);
      }
    }),
    { numRuns: 6 },
  );
});

describe('the version of the database', () => {
  const versionOf = (database: SettingsInput['database']) => {
    const { resources } = synthesize({ database });
    const [server] = ofType(resources, database?.kind === 'aurora' ? 'AWS::RDS::DBCluster' : 'AWS::RDS::DBInstance');
    return server?.Properties.EngineVersion;
  };

  test('is one that exists: of an instance the major one, of Aurora a full one', () => {
    expect(versionOf({})).toBe('18');
    expect(versionOf({ kind: 'aurora' })).toMatch(/^18\.\d+$/);
    expect(versionOf({ kind: 'aurora', version: '18.3' })).toBe('18.3');
  });

  test.each<[SettingsInput['database'], RegExp]>([
    [
      { kind: 'aurora', version: '18' },
      /^Setting database\.version: Aurora PostgreSQL has no version 18 .* write 18\.3, /,
    ],
    [{ kind: 'aurora', version: '18.99' }, /has no version 18\.99 .* or leave it out\.$/],
    [{ version: '17.9' }, /^Setting database\.version: RDS for PostgreSQL has no version 17\.9 .* write 18, /],
    [{ version: 'latest' }, /has no version latest /],
  ])('%j is refused, with those that exist', (database, sentence) => {
    expect(refusalOf({ database })).toMatch(sentence);
  });
});
