import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { SNSClient } from '@aws-sdk/client-sns';
import type {
  ExpectedSchedule,
  ExpectedSubscription,
  ExpectedTopic,
  MonitoringFinding,
  SelfCheckState,
} from '../contract/self-check.ts';
import { listAlarms } from '../monitoring/alarms.ts';
import { actionFindings } from '../monitoring/findings/actions.ts';
import { toFindingId } from '../monitoring/findings/finding-id.ts';
import { muteFindings } from '../monitoring/findings/mutes.ts';
import { listRecipients, recipientFindings, rememberRecipients } from '../monitoring/findings/recipients.ts';
import { countStarts, scheduleFindings } from '../monitoring/findings/schedules.ts';
import { listSubscriptions, subscriptionFindings } from '../monitoring/findings/subscriptions.ts';
import { describeMutes, observeMutes } from '../monitoring/mutes.ts';

/** What a deployment must have, and where. */
export interface Expected {
  readonly deployment: string;
  /** What it puts before its alarms' names. */
  readonly alarmPrefix: string;
  readonly schedules: readonly ExpectedSchedule[];
  readonly subscriptions: readonly ExpectedSubscription[];
  readonly topics: readonly ExpectedTopic[];
}

export interface CheckClients {
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly sns: SNSClient;
}

/** How many findings are named: each is a metric, and what is wrong with so many has one cause. */
const MAX_FINDINGS = 50;

type Part = (before: SelfCheckState | undefined, now: number) => Promise<MonitoringFinding[]>;

/** What can be checked, each by itself: what cannot be read of one says nothing of the others. */
const partsOf = (
  { cloudwatch, logs, sns }: CheckClients,
  { deployment, alarmPrefix, schedules, subscriptions, topics }: Expected,
  recipients: Record<string, Record<string, number>>,
): Readonly<Record<string, Part>> => ({
  schedules: async (before, now) => {
    const starts = await countStarts(cloudwatch, schedules, now);
    return scheduleFindings(schedules, starts, { now, since: before?.firstAt ?? now });
  },
  subscriptions: async () => {
    const found = subscriptions.map(async (expected) =>
      subscriptionFindings(expected, await listSubscriptions(logs, expected.logGroup)),
    );
    return (await Promise.all(found)).flat();
  },
  'actions of alarms': async () => actionFindings(await listAlarms(cloudwatch, alarmPrefix)),
  recipients: async (before, now) => {
    const findings: MonitoringFinding[] = [];
    for (const expected of topics) {
      const found = await listRecipients(sns, expected.topic);
      const known = rememberRecipients(before?.recipients[expected.topic] ?? {}, found, now);
      recipients[expected.topic] = { ...known };
      findings.push(...recipientFindings(expected, found, known, now));
    }
    return findings;
  },
  mutes: async (_, now) => {
    const observed = await observeMutes({ cloudwatch, deployment, alarmPrefix, now: () => now });
    return muteFindings(describeMutes(observed), deployment, now);
  },
});

/** Looks at all of it. What cannot be read is a finding too: nobody knows whether it is switched off. Never rejects. */
export const checkMonitoring = async (
  clients: CheckClients,
  expected: Expected,
  before: SelfCheckState | undefined,
  now: number,
): Promise<SelfCheckState> => {
  const recipients: Record<string, Record<string, number>> = { ...before?.recipients };
  const examined = Object.entries(partsOf(clients, expected, recipients)).map(async ([name, check]) => {
    try {
      return await check(before, now);
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const remedy = 'Its log has the reason; if a permission was removed, deploy again.';
      return [
        { id: `check/${name.replaceAll(' ', '-')}`, what: `The self-check cannot read the ${name}: ${reason}`, remedy },
      ];
    }
  });
  const findings = (await Promise.all(examined))
    .flat()
    .slice(0, MAX_FINDINGS)
    .map((finding) => ({ ...finding, id: toFindingId(finding.id) }));
  const since = new Map(before?.findings.map((finding) => [finding.id, finding.since]));
  return {
    firstAt: before?.firstAt ?? now,
    at: now,
    recipients,
    findings: findings.map((finding) => ({ ...finding, since: since.get(finding.id) ?? now })),
  };
};

/** The ids of what was found before and is not any more. */
export const findMended = (before: SelfCheckState | undefined, after: SelfCheckState): string[] =>
  (before?.findings ?? []).map(({ id }) => id).filter((id) => !after.findings.some((finding) => finding.id === id));
