import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { GIB, type MonitoredDatabase } from '../database/database-server.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import type { OptionalAlarmSpec } from './monitoring.ts';
import type { Pipeline } from './pipeline-specs.ts';

/** Of a processor, or of the capacity a database may grow to. */
const BUSY_PERCENT = 90;
/** So many credits borrowed: a little is a backup's or a migration's. */
const BORROWED_CREDITS = 20;

const largest = { statistic: 'Maximum', period: Duration.minutes(5) };
const smallest = { statistic: 'Minimum', period: Duration.minutes(5) };

/** What the store's database promises: room, connections to spare, and a processor that is not worn out. */
export function databaseAlarms({ settings, database }: Pipeline): OptionalAlarmSpec[] {
  const { dimension, diskBytes, capacity, isOurs } = database;
  // Who else is on a database that is not ours, nobody here knows.
  const crowded: OptionalAlarmSpec[] = isOurs
    ? [
        {
          name: 'pipeline/database-connections',
          severity: 'warning',
          means: 'More connections than all functions together may hold: somebody else is on, or connections leak.',
          metric: awsMetric('AWS/RDS', 'DatabaseConnections', dimension, largest),
          threshold: 40,
          badWindows: 3,
          windows: 3,
        },
      ]
    : [];
  if (capacity) return [...crowded, grownUp(capacity, dimension)];
  const filling: OptionalAlarmSpec[] =
    diskBytes > 0
      ? [
          {
            name: 'pipeline/database-filling',
            severity: 'warning',
            means: 'At the growth of the last month the database is full within 30 days, grown to its limit.',
            metric: pipelineMetric(settings.service, 'diskFullIn', { statistic: 'Minimum', period: Duration.days(1) }),
            threshold: 30,
            comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
          },
        ]
      : [];
  return [
    {
      name: 'pipeline/database-full',
      severity: 'critical',
      means: 'Less than 2 GiB of the database are free, and growing by itself has not helped.',
      metric: awsMetric('AWS/RDS', 'FreeStorageSpace', dimension, smallest),
      threshold: 2 * GIB,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      badWindows: 3,
      windows: 3,
      essential: true,
    },
    ...filling,
    ...crowded,
    tiredInstance(database),
  ];
}

const grownUp = (
  { least, most }: NonNullable<MonitoredDatabase['capacity']>,
  dimension: MonitoredDatabase['dimension'],
): OptionalAlarmSpec => ({
  name: 'pipeline/database-tired',
  severity: 'warning',
  means: `The database is as large as its settings let it grow (${most} capacity units), and wants more.`,
  // Of a fixed size it always uses all of it; then its processor tells.
  metric: awsMetric('AWS/RDS', least === most ? 'CPUUtilization' : 'ACUUtilization', dimension, smallest),
  threshold: BUSY_PERCENT,
  badWindows: 3,
  windows: 3,
});

/**
 * A burstable class borrows credit once its own is spent. The balance of its own proves nothing: a new instance begins with none. Other
 * classes have no credit, and are tired when their processor is.
 */
const tiredInstance = ({ isBurstable, dimension }: MonitoredDatabase): OptionalAlarmSpec => ({
  name: 'pipeline/database-tired',
  severity: 'warning',
  means: isBurstable
    ? 'The database has used up its processor credit and borrows: it will cost more, or slow down.'
    : 'The processors of the database have been busy for a quarter of an hour.',
  metric: awsMetric('AWS/RDS', isBurstable ? 'CPUSurplusCreditBalance' : 'CPUUtilization', dimension, smallest),
  threshold: isBurstable ? BORROWED_CREDITS : BUSY_PERCENT,
  badWindows: 3,
  windows: 3,
});
