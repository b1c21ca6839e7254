import { describe, expect, test } from 'vitest';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { alarmsOf, ofType, type Resources, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

const only = (resources: Resources, type: string) => {
  const found = ofType(resources, type);
  if (!found[0] || found.length > 1) throw new Error(`There are ${found.length} resources of the type ${type}`);
  return found[0].Properties;
};

const functionsOf = (resources: Resources) =>
  ofType(resources, 'AWS::Lambda::Function').filter(
    ({ Properties }) => Properties.Environment?.Variables.DATABASE_USER,
  );

describe('Aurora', () => {
  const { resources } = synthesize({ database: { kind: 'aurora', maxCapacity: 8, multiAz: true } });

  test('is a cluster without a password, protected, with a second instance in another zone', () => {
    expect(only(resources, 'AWS::RDS::DBCluster')).toMatchObject({
      Engine: 'aurora-postgresql',
      EngineVersion: '18.4',
      MasterUserAuthenticationType: 'iam-db-auth',
      EnableIAMDatabaseAuthentication: true,
      DeletionProtection: true,
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
    });
    expect(ofType(resources, 'AWS::RDS::DBInstance')).toHaveLength(2);
  });

  test('has alarms on the metrics that Aurora has', () => {
    const names = alarmsOf(resources).map(({ Properties }) => Properties.AlarmName);
    expect(names).not.toContain('pipeline/database-full');
    const tired = alarmsOf(resources).find(({ Properties }) => Properties.AlarmName === 'pipeline/database-tired');
    expect(tired?.Properties).toMatchObject({
      MetricName: 'ACUUtilization',
      Dimensions: [{ Name: 'DBClusterIdentifier' }],
    });
  });

  test('of a fixed size, of which it always uses all, has an alarm on its processor', () => {
    const fixed = synthesize({ database: { kind: 'aurora', minCapacity: 2, maxCapacity: 2 } });
    const tired = alarmsOf(fixed.resources).find(
      ({ Properties }) => Properties.AlarmName === 'pipeline/database-tired',
    );
    expect(tired?.Properties.MetricName).toBe('CPUUtilization');
  });

  test('is named by its cluster in the permission to connect', () => {
    expect(JSON.stringify(rolesOfFunctions(resources)['toolwatch-ingest'])).toContain('DBClusterResourceId');
  });
});

describe('a proxy', () => {
  const { resources } = synthesize({ database: { proxy: true } });

  test('requires TLS and IAM, and has no secret', () => {
    expect(only(resources, 'AWS::RDS::DBProxy')).toMatchObject({ DefaultAuthScheme: 'IAM_AUTH', RequireTLS: true });
    expect(ofType(resources, 'AWS::SecretsManager::Secret')).toEqual([]);
  });

  test('serves every function except those that may leave locks or settings in their session', () => {
    const through = functionsOf(resources).filter(({ Properties }) =>
      /Proxy/.test(JSON.stringify(Properties.Environment.Variables.DATABASE_HOST)),
    );
    const users = (list: typeof through) =>
      list.map(({ Properties }) => Properties.Environment.Variables.DATABASE_USER).sort();
    expect(users(through)).toEqual([
      'toolwatch_archive',
      'toolwatch_reader',
      'toolwatch_refresher',
      'toolwatch_retention',
      'toolwatch_writer',
    ]);
    expect(users(functionsOf(resources))).toEqual(
      expect.arrayContaining(['toolwatch_owner', 'toolwatch_operator_sql']),
    );
  });

  test('signs in as the users of those functions and as no other', () => {
    const usersOf = (settings: SettingsInput) => {
      const deployed = synthesize({ database: { proxy: true }, ...settings }).resources;
      const [role] = Object.entries(deployed).filter(([id]) => /ProxyRole/.test(id));
      const users = JSON.stringify(role?.[1].Properties.Policies).match(/toolwatch_\w+/g);
      return users?.map((user) => user.replace('toolwatch_', ''));
    };
    const always = ['editor', 'reader', 'refresher', 'retention', 'writer'];
    expect(usersOf({ archive: false })).toEqual(always);
    expect(usersOf({ jobs: {} })).toEqual(['archive', ...always.toSpliced(1, 0, 'jobs')]);
  });
});

test.each([
  ['t4g.micro', 'CPUSurplusCreditBalance', 20],
  ['m7g.large', 'CPUUtilization', 90],
] as const)('the alarm on the processor of a %s reads %s', (instance, metric, threshold) => {
  const { resources } = synthesize({ database: { instance } });
  const tired = alarmsOf(resources).find(({ Properties }) => Properties.AlarmName === 'pipeline/database-tired');
  expect(tired?.Properties).toMatchObject({
    MetricName: metric,
    Threshold: threshold,
    ComparisonOperator: 'GreaterThanThreshold',
  });
});

test.each([
  [{ minCapacity: 4, maxCapacity: 2 }, /it cannot scale from 4 to 2/],
  [{ maxCapacity: 8 }, /an instance has no minCapacity and maxCapacity/],
  [{ kind: 'aurora' as const, storageGb: 100 }, /Aurora has neither instance nor storageGb/],
  [
    { kind: 'aurora' as const, minCapacity: 0 },
    'Setting database.minCapacity: with 0 Aurora pauses after 5 minutes without a connection, ' +
      'but refresh connects every 5 minutes; write minCapacity: 0.5, or refreshMinutes: 60.',
  ],
])('database %j is refused', (database, sentence) => {
  expect(() => settingsFrom({ database })).toThrow(sentence);
});

test('a database may be set to pause, but not together with a proxy that holds connections open', () => {
  const database = { kind: 'aurora' as const, minCapacity: 0 };
  const { resources } = synthesize({ refreshMinutes: 60, database });
  expect(ofType(resources, 'AWS::RDS::DBCluster')[0]?.Properties.ServerlessV2ScalingConfiguration).toMatchObject({
    MinCapacity: 0,
  });
  expect(() => settingsFrom({ refreshMinutes: 60, database: { ...database, proxy: true } })).toThrow(
    'Setting database.minCapacity: with 0 Aurora pauses only while it has no connections, ' +
      'but a proxy holds connections open; write minCapacity: 0.5, or proxy: false.',
  );
});
