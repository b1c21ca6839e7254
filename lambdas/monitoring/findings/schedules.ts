import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { HOUR_MS, MINUTE_MS } from '../../contract/durations.ts';
import type { ExpectedSchedule, MonitoringFinding } from '../../contract/self-check.ts';

/** How much later than expected a start may be seen, because CloudWatch shows it some minutes later. */
const SLACK_MS = HOUR_MS;

/** How often each function was started in the time in which its schedule must have started it. */
export const countStarts = async (
  cloudwatch: CloudWatchClient,
  schedules: readonly ExpectedSchedule[],
  now: number,
): Promise<ReadonlyMap<string, number>> => {
  const counted = schedules.map(async (schedule): Promise<[string, number]> => {
    const periodMs = schedule.minutes * MINUTE_MS > 24 * HOUR_MS ? HOUR_MS : 5 * MINUTE_MS;
    const since = now - schedule.minutes * MINUTE_MS - SLACK_MS;
    const { MetricDataResults = [] } = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(Math.floor(since / periodMs) * periodMs),
        EndTime: new Date(now),
        MetricDataQueries: [
          {
            Id: 'starts',
            MetricStat: {
              Metric: {
                Namespace: 'AWS/Lambda',
                MetricName: 'Invocations',
                Dimensions: [{ Name: 'FunctionName', Value: schedule.function }],
              },
              Period: periodMs / 1_000,
              Stat: 'Sum',
            },
          },
        ],
      }),
    );
    const values = MetricDataResults.flatMap(({ Values = [] }) => Values);
    return [schedule.name, values.reduce((sum, value) => sum + value, 0)];
  });
  return new Map(await Promise.all(counted));
};

const describeTime = (minutes: number): string => {
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1_440)} days`;
};

type ExpectedSince = Readonly<Record<string, number>>;

const keyOf = ({ name, minutes }: ExpectedSchedule): string => `${name} ${minutes}`;

/** Since when each schedule is expected, in milliseconds since 1970: one that is new, or changed, since now. */
export const expectSchedules = (schedules: readonly ExpectedSchedule[], before: ExpectedSince, now: number) =>
  Object.fromEntries(schedules.map((schedule) => [keyOf(schedule), before[keyOf(schedule)] ?? now]));

/**
 * Schedules that do not start their functions: they are found by what does not happen, whether a schedule is switched off,
 * was deleted, or may not start its function. Before one was expected, nothing is proven.
 */
export const scheduleFindings = (
  schedules: readonly ExpectedSchedule[],
  starts: ReadonlyMap<string, number>,
  { now, since }: { readonly now: number; readonly since: ExpectedSince },
): MonitoringFinding[] =>
  schedules
    .filter((schedule) => {
      const expectedMs = now - (since[keyOf(schedule)] ?? now);
      return starts.get(schedule.name) === 0 && expectedMs > schedule.minutes * MINUTE_MS + SLACK_MS;
    })
    .map(({ name, function: functionName, minutes }) => ({
      id: `schedule/${name}`,
      what: `The schedule of ${name} has not started ${functionName} for ${describeTime(minutes + 60)}.`,
      remedy:
        'See in EventBridge Scheduler whether it is disabled, and enable it; if it is gone, restore it. The incident ' +
        'ends within about three hours of the next start.',
    }));
