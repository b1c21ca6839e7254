import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { GIB, type MonitoredDatabase } from '../database/database-server.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import type { OptionalAlarmSpec } from './alarm-spec.ts';
import { MAXIMUM, MINIMUM, type Pipeline } from './pipeline.ts';

/** Of a processor, or of the capacity a database may grow to. */
const BUSY_PERCENT = 90;
/** A backup or a migration borrows less than this. */
const BORROWED_CREDITS = 20;

/** Alarms on the store's database: its storage, its connections and its processor. */
export function databaseAlarms({ settings, database }: Pipeline): OptionalAlarmSpec[] {
  // Who else connects to a database of another app is unknown here.
  const connections = database.isOurs ? [connectionsAlarm(database)] : [];
  if (database.capacity) return [...connections, capacityAlarm(database.capacity, database)];
  return [
    // A cluster's disk has no practical limit.
    ...('DBClusterIdentifier' in database.dimension ? [] : [fullAlarm(database)]),
    ...(database.diskBytes > 0 ? [fillingAlarm(deploymentNameOf(settings))] : []),
    ...connections,
    processorAlarm(database),
  ];
}

const connectionsAlarm = ({ dimension }: MonitoredDatabase): OptionalAlarmSpec => ({
  name: 'pipeline/database-connections',
  severity: 'warning',
  means: 'There are more database connections than all functions together may hold: another client, or a leak.',
  metric: awsMetric('AWS/RDS', 'DatabaseConnections', dimension, MAXIMUM),
  threshold: 40,
  badWindows: 3,
  windows: 3,
});

const fullAlarm = ({ dimension }: MonitoredDatabase): OptionalAlarmSpec => ({
  name: 'pipeline/database-full',
  severity: 'critical',
  means: 'Less than 2 GiB of the database are free, although its storage grows automatically up to its limit.',
  metric: awsMetric('AWS/RDS', 'FreeStorageSpace', dimension, MINIMUM),
  threshold: 2 * GIB,
  comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
  badWindows: 3,
  windows: 3,
  essential: true,
});

const fillingAlarm = (service: string): OptionalAlarmSpec => ({
  name: 'pipeline/database-filling',
  severity: 'warning',
  means: 'At the growth of the last month the database reaches the limit of its storage within 30 days.',
  metric: pipelineMetric(service, 'diskFullIn', { statistic: 'Minimum', period: Duration.days(1) }),
  threshold: 30,
  comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
});

const capacityAlarm = (
  { min, max }: NonNullable<MonitoredDatabase['capacity']>,
  { dimension }: MonitoredDatabase,
): OptionalAlarmSpec => ({
  name: 'pipeline/database-tired',
  severity: 'warning',
  means: `The database has grown as far as its settings allow (${max} capacity units) and is still busy.`,
  // At a fixed size it always uses all of its capacity; then only the processor shows how busy it is.
  metric: awsMetric('AWS/RDS', min === max ? 'CPUUtilization' : 'ACUUtilization', dimension, MINIMUM),
  threshold: BUSY_PERCENT,
  badWindows: 3,
  windows: 3,
});

/**
 * A burstable class borrows credits once it has spent its own. The balance of its own proves nothing, because a new
 * instance begins without any. Other classes have no credits; for them the processor's utilization counts.
 */
const processorAlarm = ({ isBurstable, dimension }: MonitoredDatabase): OptionalAlarmSpec => ({
  name: 'pipeline/database-tired',
  severity: 'warning',
  means: isBurstable
    ? 'The database has used up its CPU credits and borrows more: it costs more or becomes slow.'
    : 'The processors of the database have been busy for a quarter of an hour.',
  metric: awsMetric('AWS/RDS', isBurstable ? 'CPUSurplusCreditBalance' : 'CPUUtilization', dimension, MINIMUM),
  threshold: isBurstable ? BORROWED_CREDITS : BUSY_PERCENT,
  badWindows: 3,
  windows: 3,
});
