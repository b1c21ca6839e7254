import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import { DAY_MS, MINUTE_MS } from '../../contract/durations.ts';
import type { ExpectedTopic, MonitoringFinding } from '../../contract/self-check.ts';

/** Who is subscribed to a topic. */
export interface Recipients {
  readonly confirmed: readonly string[];
  readonly pending: readonly string[];
}

/** When each recipient was confirmed last, in milliseconds since 1970. */
export type KnownRecipients = Readonly<Record<string, number>>;

/** A recipient that is gone is named for two days, so that nobody misses it; then it is taken as meant. */
const FORGOTTEN_MS = 2 * DAY_MS;

export const listRecipients = async (sns: SNSClient, TopicArn: string): Promise<Recipients> => {
  const confirmed: string[] = [];
  const pending: string[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn })) {
    for (const { Endpoint = '', SubscriptionArn = '' } of Subscriptions)
      (SubscriptionArn.startsWith('arn:') ? confirmed : pending).push(Endpoint);
  }
  return { confirmed, pending };
};

/** The recipients that are known after a look: those that are confirmed, and those that were not long ago. */
export const rememberRecipients = (
  known: KnownRecipients,
  { confirmed }: Recipients,
  now: number,
): KnownRecipients => ({
  ...Object.fromEntries(Object.entries(known).filter(([, at]) => now - at < FORGOTTEN_MS)),
  ...Object.fromEntries(confirmed.map((endpoint) => [endpoint, now])),
});

/** How many days ago it was that somebody was confirmed, or hours. */
const describeAge = (ms: number): string =>
  ms < DAY_MS ? `${Math.max(1, Math.round(ms / (60 * MINUTE_MS)))} hours` : `${Math.round(ms / DAY_MS)} days`;

const finding = (severity: string, whats: readonly string[], remedy: string, id = severity): MonitoringFinding[] =>
  whats.length > 0 ? [{ id: `recipients/${id}`, what: whats.join(' '), remedy }] : [];

/** Who does not get the notifications of a topic: nobody is subscribed, somebody has not confirmed, or is gone. */
export const recipientFindings = (
  { severity }: ExpectedTopic,
  { confirmed, pending }: Recipients,
  known: KnownRecipients,
  now: number,
): MonitoringFinding[] => {
  const gone = Object.entries(known).filter(([endpoint]) => !confirmed.includes(endpoint));
  const isAlone = confirmed.length === 0;
  return [
    ...finding(
      severity,
      isAlone ? [`No confirmed recipient gets ${severity} notifications of alarms.`] : [],
      'Confirm the message that AWS sent, or write a recipient under alerts in the settings and deploy.',
    ),
    ...finding(
      severity,
      pending.map((endpoint) => `${endpoint} has not confirmed its subscription and gets no ${severity} notification.`),
      'Open the message that AWS sent it; aws sns subscribe with the same address sends a new one.',
      `${severity}/pending`,
    ),
    ...finding(
      severity,
      gone.map(
        ([endpoint, at]) =>
          `${endpoint} got ${severity} notifications ${describeAge(now - at)} ago, and is no longer subscribed.`,
      ),
      'If nobody meant that (a click on unsubscribe in a mail suffices), subscribe it again: deploy after removing and ' +
        'adding it, or aws sns subscribe.',
      `${severity}/gone`,
    ),
  ];
};
