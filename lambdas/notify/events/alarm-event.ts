import * as z from 'zod';
import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { readAwsEvent } from './aws-event.ts';

const alarmState = z.object({
  value: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  reason: z.string().optional(),
  timestamp: z.string().optional(),
});

/** What EventBridge, and an alarm that invokes a function itself, say of a change of an alarm or of one contributor. */
const alarmChange = z.object({
  alarmName: z.string().min(1).max(255),
  alarmContributor: z.object({ attributes: z.record(z.string(), z.string()) }).nullish(),
  state: alarmState,
  previousState: alarmState.partial().nullish(),
  configuration: z.object({ description: z.string().nullish() }).nullish(),
});
type AlarmChange = z.output<typeof alarmChange>;

const invocation = z.object({
  alarmArn: z.string(),
  accountId: z.string(),
  region: z.string(),
  alarmData: alarmChange,
});

const DETAIL_TYPES = ['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change'];

interface FoundChange {
  readonly change: AlarmChange;
  readonly account: string;
  readonly region: string;
  readonly arn: string | undefined;
}

const findChange = (message: unknown): FoundChange | undefined => {
  const event = readAwsEvent(message);
  if (event?.source === 'aws.cloudwatch' && DETAIL_TYPES.includes(event['detail-type'])) {
    const change = alarmChange.safeParse(event.detail).data;
    return change && { change, account: event.account, region: event.region, arn: event.resources[0] };
  }
  const invoked = invocation.safeParse(message).data;
  return (
    invoked && {
      change: invoked.alarmData,
      account: invoked.accountId,
      region: invoked.region,
      arn: invoked.alarmArn,
    }
  );
};

/** An alarm of ours says its severity in its description. Of another, it might be anything, also the worst. */
const severityIn = (description: string): Severity => {
  const [, stated] = /^Severity: (\w+)\./m.exec(description) ?? [];
  return SEVERITIES.find((severity) => severity === stated) ?? 'critical';
};

/** A change of an alarm that came as an event, as CloudWatch would have notified of it by a topic. */
export interface AlarmEvent {
  readonly severity: Severity;
  readonly notification: Readonly<Record<string, unknown>>;
}

/** Reads the event of an alarm's change; undefined for anything else. */
export const readAlarmEvent = (message: unknown): AlarmEvent | undefined => {
  const found = findChange(message);
  if (!found) return undefined;
  const { alarmName, alarmContributor, state, previousState, configuration } = found.change;
  const description = configuration?.description ?? '';
  return {
    severity: severityIn(description),
    notification: {
      AlarmName: alarmName,
      AlarmDescription: description,
      AWSAccountId: found.account,
      Region: found.region,
      ...(found.arn !== undefined && { AlarmArn: found.arn }),
      NewStateValue: state.value,
      ...(state.reason !== undefined && { NewStateReason: state.reason }),
      ...(state.timestamp !== undefined && { StateChangeTime: state.timestamp }),
      ...(previousState?.value !== undefined && { OldStateValue: previousState.value }),
      ...(alarmContributor && { AlarmContributorAttributes: alarmContributor.attributes }),
    },
  };
};
