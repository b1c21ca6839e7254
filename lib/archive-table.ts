import * as cdk from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ARCHIVE_COLUMNS, ARCHIVE_FOLDER, type ArchiveType } from '../lambdas/contract/archive.ts';
import type { Deployment } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';

/** What Athena calls the types that the files have. */
const ATHENA_TYPES: Record<ArchiveType, string> = {
  timestamp: 'timestamp',
  bigint: 'bigint',
  double: 'double',
  integer: 'int',
  boolean: 'boolean',
  string: 'string',
  json: 'string',
};

const FORMAT = 'org.apache.hadoop.hive.ql.io.parquet';

/** Tells Athena what the files are. Days are not listed anywhere: their folders follow from their names. */
export function createArchiveTable(scope: Construct, { settings }: Deployment, { bucketName }: IBucket): void {
  const catalogId = cdk.Stack.of(scope).account;
  const name = deploymentNameOf(settings).replaceAll('-', '_');
  const location = `s3://${bucketName}/${ARCHIVE_FOLDER}/`;
  const database = new glue.CfnDatabase(scope, 'Catalogue', { catalogId, databaseInput: { name } });
  const table = new glue.CfnTable(scope, 'Table', {
    catalogId,
    databaseName: name,
    tableInput: {
      name: ARCHIVE_FOLDER,
      description: 'Archived calls, a day a partition',
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: [{ name: 'day', type: 'string' }],
      parameters: {
        classification: 'parquet',
        'projection.enabled': 'true',
        'projection.day.type': 'date',
        'projection.day.format': 'yyyy-MM-dd',
        'projection.day.range': '2024-01-01,NOW',
        // Athena fills the day in.
        'storage.location.template': `${location}day=\${day}/`,
      },
      storageDescriptor: {
        location,
        columns: Object.entries(ARCHIVE_COLUMNS).map(([column, type]) => ({ name: column, type: ATHENA_TYPES[type] })),
        inputFormat: `${FORMAT}.MapredParquetInputFormat`,
        outputFormat: `${FORMAT}.MapredParquetOutputFormat`,
        serdeInfo: { serializationLibrary: `${FORMAT}.serde.ParquetHiveSerDe` },
      },
    },
  });
  table.node.addDependency(database);
}
