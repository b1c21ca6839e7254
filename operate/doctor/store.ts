import type { LambdaClient } from '@aws-sdk/client-lambda';
import { GetFunctionEventInvokeConfigCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { buildApiRequest } from '../../lambdas/contract/direct-request.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import { readErrorReport } from '../../lambdas/contract/error-report.ts';
import { type StoreReport, storeReport } from '../../lambdas/contract/reports.ts';
import { type Check, type Finding, findingIf } from './finding.ts';

/** Roll-ups older than this are out of date, whatever the schedule of refresh. */
const MAX_AGE_SECONDS = 3_600;
/** Retention creates partitions two weeks ahead, every day. */
const MIN_DAYS_AHEAD = 3;
/** RDS renews a certificate by a restart, which may have been postponed. */
const MIN_DAYS_VALID = 30;

const answer = z.object({ statusCode: z.int(), body: z.string() });

/** Asks the api function, because the store is in a network that the operator's machine cannot reach. */
const fetchReport = async (client: LambdaClient, api: string): Promise<StoreReport> => {
  const event = buildApiRequest('/v1/store', '', 'doctor', undefined);
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: api, Payload: JSON.stringify(event) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`${api} failed (${readErrorReport(text).errorType}); its log says why`);
  const { statusCode, body } = answer.parse(JSON.parse(text));
  if (statusCode !== 200) throw new Error(`${api} answered ${statusCode}: ${body.slice(0, 300)}`);
  return storeReport.parse(JSON.parse(body));
};

const indexFindings = ({ indexes }: StoreReport, expected: readonly string[]): Finding[] => {
  const existing = new Set(indexes.map(({ name }) => name));
  const invalid = new Set(indexes.filter(({ valid }) => !valid).map(({ name }) => name));
  return [
    ...expected
      .filter((name) => !existing.has(name))
      .map((name) => ({
        what: `The index ${name} is missing.`,
        remedy: 'npx cdk deploy; if it is still missing, create it as sql/migrations does.',
      })),
    ...[...invalid].map((name) => ({
      what: `The index ${name} is invalid: it is maintained but not used.`,
      remedy: `reindex index concurrently ${name}`,
    })),
  ];
};

const refreshFindings = ({ age_seconds }: StoreReport): Finding[] => {
  const remedy = 'Runbook: pipeline/refresh-silent.';
  if (age_seconds === null) return [{ what: 'The roll-ups were never refreshed.', remedy }];
  return findingIf(
    age_seconds > MAX_AGE_SECONDS,
    `The roll-ups are ${Math.round(age_seconds / 60)} minutes old.`,
    remedy,
  );
};

const certificateFindings = ({ certificate_until }: StoreReport, now: number): Finding[] => {
  if (!certificate_until) return [];
  const daysValid = (Date.parse(certificate_until) - now) / DAY_MS;
  return findingIf(
    daysValid < MIN_DAYS_VALID,
    `The database's certificate ${daysValid < 0 ? 'expired' : 'expires'} on ${certificate_until.slice(0, 10)}.`,
    'aws rds modify-db-instance --ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately',
  );
};

/** What is wrong by the store's report, given the indexes that must exist. */
export const storeFindings = (report: StoreReport, expectedIndexes: readonly string[], now = Date.now()): Finding[] => [
  ...indexFindings(report, expectedIndexes),
  ...refreshFindings(report),
  ...findingIf(
    report.days_ahead < MIN_DAYS_AHEAD,
    `There are partitions for only ${report.days_ahead} coming days.`,
    'Runbook: pipeline/retention-failing.',
  ),
  ...certificateFindings(report, now),
  ...findingIf(
    report.undated_bytes > 0,
    'Some calls are in the default partition, because they arrived before their day had one.',
    'Start the retention function, which moves them.',
  ),
];

/** The store's indexes, roll-ups, partitions and certificate. */
export const storeCheck = (client: LambdaClient, api: string, expectedIndexes: readonly string[]): Check => ({
  title: 'the store',
  needs: ['lambda:InvokeFunction'],
  findings: async () => storeFindings(await fetchReport(client, api), expectedIndexes),
});

/** Payloads that ingest could not store. */
export const retainedPayloadsCheck = (
  { lambda, s3 }: { lambda: LambdaClient; s3: S3Client },
  ingest: string,
): Check => ({
  title: 'retained payloads',
  needs: ['lambda:GetFunctionEventInvokeConfig', 's3:ListBucket'],
  findings: async () => {
    const { DestinationConfig } = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: ingest }));
    const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(DestinationConfig?.OnFailure?.Destination ?? '')?.[1];
    if (!bucket) {
      return [{ what: `${ingest} has no bucket for payloads that it cannot store.`, remedy: 'npx cdk deploy' }];
    }
    const { KeyCount = 0, IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return findingIf(
      KeyCount > 0,
      `Payloads that could not be stored are in ${bucket}: ${IsTruncated ? 'more than ' : ''}${KeyCount}.`,
      'npm run replay',
    );
  },
});
