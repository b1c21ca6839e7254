import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Principal } from '../iam/policy.ts';
import type { Lambda } from '../lambda/lambda.ts';
import { parseFilter } from '../logs/filter-pattern.ts';
import type { Logs } from '../logs/logs.ts';
import type { S3 } from '../s3.ts';

/** A signed request, as far as these services look at it. */
export interface Read {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Answers what it knows; undefined for anything else. */
export type Service = (request: Read, principal: Principal) => Answer | undefined;

export const json = (body: unknown): Answer => ({ status: 200, body: JSON.stringify(body) });
export const xml = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});
export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** ListObjectsV2 (all in one page), GetObject and DeleteObject, addressed by path. */
export const s3Reads =
  (s3: S3): Service =>
  ({ method, url }, principal) => {
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    if (method === 'GET' && url.searchParams.get('list-type') === '2') {
      const keys = s3.list(principal, bucket, url.searchParams.get('prefix') ?? '');
      const contents = keys.map((one) => `<Contents><Key>${escaped(one)}</Key></Contents>`).join('');
      const body = `<ListBucketResult><Name>${bucket}</Name><KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`;
      return xml(body);
    }
    if (key === '') return undefined;
    if (method === 'GET') return { status: 200, body: s3.get(principal, bucket, key) };
    if (method !== 'DELETE') return undefined;
    s3.remove(principal, bucket, key);
    return { status: 204 };
  };

const filterLogEvents = z.object({
  logGroupName: z.string(),
  startTime: z.number().default(0),
  endTime: z.number().default(Number.POSITIVE_INFINITY),
  filterPattern: z.string().default(''),
});

const describeLogGroups = z.object({ logGroupNamePrefix: z.string().default('') });
const describeSubscriptionFilters = z.object({ logGroupName: z.string() });

/** FilterLogEvents, DescribeLogGroups and DescribeSubscriptionFilters, each all in one page. */
export const logsReads =
  (logs: Logs): Service =>
  ({ headers, body }, principal) => {
    const action = /^Logs_20140328\.(\w+)$/.exec(headers['x-amz-target'] ?? '')?.[1];
    const question = (): unknown => JSON.parse(body.toString('utf8'));
    if (action === 'DescribeLogGroups') {
      const found = logs.describe(principal, describeLogGroups.parse(question()).logGroupNamePrefix);
      // No other class is let in.
      return json({
        logGroups: found.map(({ name, arn }) => ({ logGroupName: name, arn, logGroupClass: 'STANDARD' })),
      });
    }
    if (action === 'DescribeSubscriptionFilters') {
      const { logGroupName } = describeSubscriptionFilters.parse(question());
      const found = logs.subscriptionsOf(principal, logGroupName);
      return json({
        subscriptionFilters: found.map(({ name, pattern, destination }) => ({
          filterName: name,
          filterPattern: pattern,
          destinationArn: destination,
          logGroupName,
        })),
      });
    }
    if (action !== 'FilterLogEvents') return undefined;
    const asked = filterLogEvents.parse(question());
    const matches = parseFilter(asked.filterPattern);
    const events = logs
      .filter(principal, asked.logGroupName)
      .filter(({ timestamp }) => timestamp >= asked.startTime && timestamp < asked.endTime)
      .filter(({ message }) => matches(message))
      .map(({ id, stream, timestamp, message }) => ({ eventId: id, logStreamName: stream, timestamp, message }));
    return json({ events });
  };

const EVENT_INVOKE_CONFIG = /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config$/;

/** GetFunctionEventInvokeConfig, and ListFunctions, all in one page. */
export const lambdaReads =
  (lambda: Lambda): Service =>
  ({ method, url }, principal) => {
    if (method === 'GET' && /^\/2015-03-31\/functions\/?$/.test(url.pathname)) {
      const functions = lambda.list(principal).map(
        ({
          name,
          arn,
          latest: {
            configuration: { logging },
          },
        }) => ({
          FunctionName: name,
          FunctionArn: arn,
          LoggingConfig: {
            LogFormat: logging.format,
            ApplicationLogLevel: logging.applicationLevel,
            SystemLogLevel: logging.systemLevel,
            LogGroup: logging.group,
          },
        }),
      );
      return json({ Functions: functions });
    }
    const [, name] = EVENT_INVOKE_CONFIG.exec(url.pathname) ?? [];
    if (method !== 'GET' || !name) return undefined;
    const { onFailure, retries } = lambda.asynchronous(principal, decodeURIComponent(name));
    if (!onFailure) throw new AwsError('ResourceNotFoundException', `${name} has no event invoke config`, 404);
    return json({ MaximumRetryAttempts: retries, DestinationConfig: { OnFailure: { Destination: onFailure } } });
  };
