import { type CloudWatchClient, paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';

/** A change of an alarm's state. */
export interface StateUpdate {
  readonly fullName: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly before: string;
  readonly reason: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** Of all alarms of the account: far more than a week has where alarms are of use. */
const MAX_ITEMS = 5_000;

const historyData = z.object({
  oldState: z.object({ stateValue: z.string() }).optional(),
  newState: z.object({
    stateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
    stateReason: z.string().default(''),
  }),
});

/** The changes of alarms' states since a time, in milliseconds since 1970; of very many the newest. */
export const readHistory = async (client: CloudWatchClient, sinceMs: number): Promise<StateUpdate[]> => {
  const updates: StateUpdate[] = [];
  const input = {
    AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
    HistoryItemType: 'StateUpdate' as const,
    ScanBy: 'TimestampDescending' as const,
    StartDate: new Date(sinceMs),
    EndDate: new Date(Date.now() + 60_000),
  };
  for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory({ client, pageSize: 100 }, input)) {
    for (const { AlarmName, Timestamp, HistoryData = '' } of AlarmHistoryItems) {
      const { data } = historyData.safeParse(parseJson(HistoryData));
      if (AlarmName === undefined || Timestamp === undefined || !data) continue;
      const { stateValue: state, stateReason: reason } = data.newState;
      const before = data.oldState?.stateValue ?? '';
      updates.push({ fullName: AlarmName, state, before, reason, at: Timestamp.getTime() });
    }
    if (updates.length >= MAX_ITEMS) break;
  }
  return updates;
};
