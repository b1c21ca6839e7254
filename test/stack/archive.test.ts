import { expect, test } from 'vitest';
import { PARQUET_TYPES } from '../../lambdas/archive/parquet.ts';
import { ARCHIVE_COLUMNS, type ArchiveType } from '../../lambdas/contract/archive.ts';
import { read } from '../support/source-files.ts';
import { aTool, ofType, synthesize } from '../support/synthesized.ts';

const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'] };
const resourcesWith = (settings: Parameters<typeof synthesize>[0]) => synthesize(settings, [aTool()]).resources;
const archives = (settings: Parameters<typeof synthesize>[0]) => {
  const functions = ofType(resourcesWith(settings), 'AWS::Lambda::Function').map(({ Properties }) => Properties);
  const migrate = functions.find(({ FunctionName }) => FunctionName === 'toolwatch-migrate');
  return [
    functions.some(({ FunctionName }) => FunctionName === 'toolwatch-archive'),
    migrate?.Environment.Variables.ARCHIVES,
  ];
};

/** How Athena reads each physical type of Parquet, with what is said of it. */
const READS: Record<string, string> = {
  'INT64 TIMESTAMP_MICROS': 'timestamp',
  INT64: 'bigint',
  INT32: 'int',
  DOUBLE: 'double',
  BOOLEAN: 'boolean',
  'BYTE_ARRAY UTF8': 'string',
};

test('each column that is written has its column in Athena, of the type that it is written as', () => {
  const [table] = ofType(resourcesWith({}), 'AWS::Glue::Table');
  const { StorageDescriptor, PartitionKeys, Parameters } = table?.Properties.TableInput ?? {};
  const written = Object.entries(ARCHIVE_COLUMNS).map(([name, type]: [string, ArchiveType]) => {
    const { type: physical, converted_type } = PARQUET_TYPES[type];
    return { Name: name, Type: READS[[physical, converted_type].filter(Boolean).join(' ')] };
  });
  expect(StorageDescriptor.Columns).toEqual(written);
  expect(PartitionKeys).toEqual([{ Name: 'day', Type: 'string' }]);
  expect(Parameters).toMatchObject({ 'projection.enabled': 'true', 'projection.day.format': 'yyyy-MM-dd' });
  expect(JSON.stringify(Parameters['storage.location.template'])).toContain('/calls/day=${day}/');
});

test('the queries in the documents name only columns that there are', () => {
  const queries = [...read('docs/archive.md').matchAll(/```sql\n(.*?)```/gs)].map(([, text = '']) => text);
  expect(queries.length).toBeGreaterThan(3);
  const known = new Set([...Object.keys(ARCHIVE_COLUMNS), 'day', 'calls']);
  for (const query of queries) {
    const withoutTexts = query.replaceAll(/'[^']*'|--[^\n]*/g, '');
    const words = withoutTexts.match(/\b[a-z]+_[a-z_]+\b(?!\s*\()/g) ?? [];
    const made = [...withoutTexts.matchAll(/\bas (\w+)/g)].map(([, name = '']) => name);
    expect(
      words.filter((word) => !known.has(word) && !made.includes(word)),
      query,
    ).toEqual([]);
  }
});

test('days are archived in a network of ours, and in one of others where the settings say so', () => {
  expect(archives({})).toEqual([true, 'yes']);
  expect(archives({ archive: false })).toEqual([false, 'no']);
  expect(archives({ network })).toEqual([false, 'no']);
  expect(archives({ network, archive: {} })).toEqual([true, 'yes']);
});

test('files become cold and are deleted when the settings say, and not otherwise', () => {
  const rulesWith = (settings: Parameters<typeof synthesize>[0]) =>
    ofType(resourcesWith(settings), 'AWS::S3::Bucket').flatMap(({ Properties }) =>
      Properties.VersioningConfiguration ? Properties.LifecycleConfiguration.Rules : [],
    );
  const NoncurrentVersionExpiration = { NoncurrentDays: 30 };
  expect(rulesWith({})).toEqual([{ NoncurrentVersionExpiration, Status: 'Enabled' }]);
  expect(rulesWith({ archive: { coldAfterDays: 30, deleteAfterDays: 400 } })).toEqual([
    {
      ExpirationInDays: 400,
      NoncurrentVersionExpiration,
      Status: 'Enabled',
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }],
    },
  ]);
  expect(() => resourcesWith({ archive: { coldAfterDays: 30, deleteAfterDays: 30 } })).toThrow('deleteAfterDays > 30');
});
