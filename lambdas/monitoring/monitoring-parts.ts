import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SelfCheckEnv } from '../contract/env/self-check.ts';
import type {
  ExpectedSchedule,
  ExpectedSubscription,
  ExpectedTopic,
  MonitoringFinding,
  SelfCheckState,
} from '../contract/self-check.ts';
import { listAlarms } from './alarms.ts';
import { actionFindings } from './findings/actions.ts';
import { muteFindings } from './findings/mutes.ts';
import { listRecipients, recipientFindings, rememberRecipients } from './findings/recipients.ts';
import { countStarts, scheduleFindings } from './findings/schedules.ts';
import { listSubscriptions, subscriptionFindings } from './findings/subscriptions.ts';
import { describeMutes, observeMutes } from './mutes.ts';

/** What a deployment must have, and where. */
export interface ExpectedMonitoring {
  readonly deployment: string;
  /** What it puts before its alarms' names. */
  readonly alarmPrefix: string;
  readonly schedules: readonly ExpectedSchedule[];
  readonly subscriptions: readonly ExpectedSubscription[];
  readonly topics: readonly ExpectedTopic[];
}

/** What the variables of the self-check's function say. */
export const expectedOf = (env: SelfCheckEnv): ExpectedMonitoring => ({
  deployment: env.POWERTOOLS_SERVICE_NAME,
  alarmPrefix: env.ALARM_PREFIX ?? '',
  schedules: env.SCHEDULES,
  subscriptions: env.SUBSCRIPTIONS,
  topics: env.TOPICS,
});

export interface MonitoringClients {
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly sns: SNSClient;
}

/** What one look needs to know, beside what a deployment must have. */
export interface Look {
  readonly clients: MonitoringClients;
  readonly expected: ExpectedMonitoring;
  /** What is known from the self-check before. */
  readonly before: SelfCheckState | undefined;
  readonly now: number;
  /** Learns whom of a topic to remember. */
  readonly onRecipients: (topic: string, recipients: Record<string, number>) => void;
}

/**
 * What keeps alarms from notifying anybody, as the self-check and the doctor look for it: each part by itself, because
 * what cannot be read of one says nothing of the others.
 */
export const MONITORING_PARTS = {
  schedules: async ({ clients, expected: { schedules }, before, now }: Look) => {
    const starts = await countStarts(clients.cloudwatch, schedules, now);
    return scheduleFindings(schedules, starts, { now, since: before?.schedules ?? {} });
  },
  subscriptions: async ({ clients, expected: { subscriptions } }: Look) => {
    const found = subscriptions.map(async (expected) =>
      subscriptionFindings(expected, await listSubscriptions(clients.logs, expected.logGroup)),
    );
    return (await Promise.all(found)).flat();
  },
  'actions of alarms': async ({ clients, expected: { alarmPrefix } }: Look) =>
    actionFindings(await listAlarms(clients.cloudwatch, alarmPrefix)),
  recipients: async ({ clients, expected: { topics }, before, now, onRecipients }: Look) => {
    const findings: MonitoringFinding[] = [];
    for (const expected of topics) {
      const found = await listRecipients(clients.sns, expected.topic);
      const known = rememberRecipients(before?.recipients[expected.topic] ?? {}, found, now);
      onRecipients(expected.topic, { ...known });
      findings.push(...recipientFindings(expected, found, known, now));
    }
    return findings;
  },
  mutes: async ({ clients: { cloudwatch }, expected: { deployment, alarmPrefix }, now }: Look) => {
    const observed = await observeMutes({ cloudwatch, deployment, alarmPrefix, now: () => now });
    return muteFindings(describeMutes(observed), deployment, now);
  },
} as const satisfies Readonly<Record<string, (look: Look) => Promise<MonitoringFinding[]>>>;
export type MonitoringPart = keyof typeof MONITORING_PARTS;
