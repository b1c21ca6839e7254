import type { LambdaClient } from '@aws-sdk/client-lambda';
import { GetFunctionEventInvokeConfigCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { buildApiRequest } from '../../lambdas/contract/direct-request.ts';
import { type StoreReport, storeReport } from '../../lambdas/contract/reports.ts';
import { type Check, countNoun, type Finding } from './finding.ts';

/** Refresh is late when it has not finished for so long, whatever its schedule; in seconds. */
const LATE_SECONDS = 3_600;
/** Retention makes partitions two weeks ahead, every day. */
const FEWEST_DAYS_AHEAD = 3;
const DAY_MS = 86_400_000;
/** RDS renews a certificate by a restart that somebody may have put off. */
const FEWEST_DAYS_VALID = 30;

const answer = z.object({ statusCode: z.int(), body: z.string() });

/** The store stands in a network that no laptop reaches; the api function stands there too. */
const reportOf = async (client: LambdaClient, api: string): Promise<StoreReport> => {
  const event = buildApiRequest('/v1/store', '', 'doctor', undefined);
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: api, Payload: JSON.stringify(event) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`${api} failed: ${text.slice(0, 300)}`);
  const { statusCode, body } = answer.parse(JSON.parse(text));
  if (statusCode !== 200) throw new Error(`${api} answered ${statusCode}: ${body.slice(0, 300)}`);
  return storeReport.parse(JSON.parse(body));
};

/** What is wrong by the report, given the indexes there should be. */
export const storeFindings = (report: StoreReport, expectedIndexes: readonly string[], now = Date.now()): Finding[] => {
  const daysValid = report.certificate_until && (Date.parse(report.certificate_until) - now) / DAY_MS;
  const there = new Set(report.indexes.map(({ name }) => name));
  const broken = new Set(report.indexes.filter(({ valid }) => !valid).map(({ name }) => name));
  const refreshed = report.age_seconds;
  return [
    ...expectedIndexes
      .filter((name) => !there.has(name))
      .map((name) =>
        countNoun(
          `The index ${name} is missing.`,
          'npx cdk deploy; if it stays missing, make it as sql/migrations has it.',
        ),
      ),
    ...[...broken].map((name) =>
      countNoun(`The index ${name} is invalid, and is kept without being used.`, `reindex index concurrently ${name}`),
    ),
    ...(refreshed === null || refreshed > LATE_SECONDS
      ? [
          countNoun(
            refreshed === null
              ? 'The summaries were never refreshed.'
              : `The summaries are ${Math.round(refreshed / 60)} minutes old.`,
            'Runbook: pipeline/refresh-silent.',
          ),
        ]
      : []),
    ...(report.days_ahead < FEWEST_DAYS_AHEAD
      ? [
          countNoun(
            `There are partitions for ${report.days_ahead} coming days only.`,
            'Runbook: pipeline/retention-failing.',
          ),
        ]
      : []),
    ...(typeof daysValid === 'number' && daysValid < FEWEST_DAYS_VALID
      ? [
          countNoun(
            `The database's certificate ${daysValid < 0 ? 'expired' : 'expires'} on ${report.certificate_until?.slice(0, 10)}.`,
            'aws rds modify-db-instance --ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately',
          ),
        ]
      : []),
    ...(report.undated_bytes > 0
      ? [
          countNoun(
            'Some calls lie in the default partition, for they came before their day had one.',
            'Start the retention function; it moves them.',
          ),
        ]
      : []),
  ];
};

export const storeCheck = (client: LambdaClient, api: string, expectedIndexes: readonly string[]): Check => ({
  title: 'the store',
  needs: ['lambda:InvokeFunction'],
  findings: async () => storeFindings(await reportOf(client, api), expectedIndexes),
});

/** Payloads that ingest could not store. */
export const retainedPayloadsCheck = (
  { lambda, s3 }: { lambda: LambdaClient; s3: S3Client },
  ingest: string,
): Check => ({
  title: 'payloads kept',
  needs: ['lambda:GetFunctionEventInvokeConfig', 's3:ListBucket'],
  findings: async () => {
    const { DestinationConfig } = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: ingest }));
    const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(DestinationConfig?.OnFailure?.Destination ?? '')?.[1];
    if (!bucket) return [countNoun(`${ingest} keeps no payloads it could not store.`, 'npx cdk deploy')];
    const { KeyCount = 0, IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    if (KeyCount === 0) return [];
    return [
      countNoun(
        `${IsTruncated ? 'More than ' : ''}${KeyCount} payloads could not be stored and wait in ${bucket}.`,
        'npm run replay',
      ),
    ];
  },
});
