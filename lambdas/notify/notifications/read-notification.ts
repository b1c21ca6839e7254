import * as z from 'zod';
import { type CustomNotice, customNotice } from '../../contract/notices/custom-notice.ts';
import { type WeekReportNotice, weekReportNotice } from '../../contract/notices/week-report-notice.ts';
import { parseJson } from '../../contract/parse-json.ts';
import type { Severity } from '../../contract/severity.ts';
import { type AlarmEvent, readAlarmEvent } from '../events/alarm-event.ts';
import { type DeploymentEvent, readDeploymentEvent } from '../events/deployment-event.ts';
import type { StateChange } from '../incidents/incident.ts';
import { fitNotification } from './fit-notification.ts';

/** What SNS wraps a message in, for a queue without raw delivery. */
const envelope = z.object({
  TopicArn: z.string(),
  Message: z.string(),
  Subject: z.string().optional(),
  Timestamp: z.string().optional(),
});

/**
 * The head that CloudWatch gives the notification of every alarm: on a metric, on an expression, on a query, on logs,
 * or on other alarms. An alarm that groups by a dimension names the contributor.
 */
const alarmNotification = z.object({
  AlarmName: z.string().min(1).max(255),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  OldStateValue: z.string().optional(),
  NewStateReason: z.string().optional(),
  StateChangeTime: z.string().optional(),
  AlarmActions: z.array(z.string()).optional(),
  AlarmContributorAttributes: z.record(z.string(), z.string().max(1_024)).nullish(),
});

/** A message in the inbox, as SQS hands it over. */
export interface InboxRecord {
  readonly messageId: string;
  readonly body: string;
  /** The ARN of the queue that it was in. */
  readonly eventSourceARN?: string | undefined;
  readonly attributes?: { readonly SentTimestamp?: string | undefined } | undefined;
}

/** What a message in the inbox says. */
export type Notification =
  | { readonly kind: 'change'; readonly change: StateChange }
  /** The first state of a new alarm, which is that all is well. */
  | { readonly kind: 'first state' }
  | { readonly kind: 'deployment'; readonly event: DeploymentEvent }
  | { readonly kind: 'custom'; readonly notice: CustomNotice }
  | { readonly kind: 'report'; readonly report: WeekReportNotice }
  /** Not the notification of an alarm, or of one that is about the notifier itself: recipients get it as it came. */
  | { readonly kind: 'other'; readonly severity: Severity; readonly subject: string; readonly text: string };

export interface Inbox {
  /** The severity of each inbox topic, by its ARN. */
  readonly severities: Readonly<Record<string, Severity>>;
  /** What the deployment puts before its alarms' names. */
  readonly alarmPrefix: string;
  /** The ARN of the queue of custom notices and reports: what is in it is nothing else, whatever it looks like. */
  readonly customNotices: string;
}

const NO_DATA = /no datapoints were received/;

const withoutPrefix = (name: string, prefix: string): string =>
  name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : name;

const parseTime = (text: string | undefined): number | undefined => {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
};

/** When a notification was sent. */
const timeOf = (published: string | undefined, sent: string | undefined): number => {
  const sentAt = Number(sent);
  return parseTime(published) ?? (Number.isFinite(sentAt) ? sentAt : Date.now());
};

/** What did not come through an inbox topic might be anything, also the worst. */
const severityOf = ({ severities }: Inbox, topic = ''): Severity =>
  (Object.hasOwn(severities, topic) ? severities[topic] : undefined) ?? 'critical';

/** What the notification of an alarm says, but for what only its way tells. */
type ReadChange = Omit<StateChange, 'severity' | 'notification'> | 'first state';

/**
 * Reads the notification of an alarm, as CloudWatch wrote it; `undefined` for anything else. `sentAt` is when it was
 * sent, for one that does not say when the state changed.
 */
export const readChange = (message: unknown, alarmPrefix: string, sentAt: () => number): ReadChange | undefined => {
  const parsed = alarmNotification.safeParse(message);
  if (!parsed.success) return undefined;
  const { AlarmName, NewStateValue, NewStateReason = '', OldStateValue, StateChangeTime } = parsed.data;
  if (OldStateValue === 'INSUFFICIENT_DATA' && NewStateValue === 'OK') return 'first state';
  const name = withoutPrefix(AlarmName, alarmPrefix);
  return {
    alarm: [name, ...Object.values(parsed.data.AlarmContributorAttributes ?? {})].join('/'),
    state: NewStateValue === 'ALARM' ? 'ALARM' : 'OK',
    at: parseTime(StateChangeTime) ?? sentAt(),
    // CloudWatch takes missing data as good: then nothing is proven.
    ...(NewStateValue === 'INSUFFICIENT_DATA' || NO_DATA.test(NewStateReason) ? { withoutData: true } : {}),
  };
};

/**
 * Whether an alarm publishes here only that it is OK. One about the notifier publishes directly that it fires: people know
 * of it, and the incidents do not.
 */
const firesElsewhere = (message: unknown, topic: string | undefined): boolean => {
  const { AlarmActions } = alarmNotification.safeParse(message).data ?? {};
  return topic !== undefined && AlarmActions !== undefined && !AlarmActions.includes(topic);
};

const readCustomNotice = (body: string): Notification => {
  const message = parseJson(body);
  const notice = customNotice.safeParse(message);
  if (notice.success) return { kind: 'custom', notice: notice.data };
  const report = weekReportNotice.safeParse(message);
  if (report.success) return { kind: 'report', report: report.data };
  return { kind: 'other', severity: 'warning', subject: 'A custom notice that cannot be read', text: body };
};

/** A change that came as an event is read as CloudWatch would have notified of it. */
const readEvent = ({ severity, notification }: AlarmEvent, inbox: Inbox, sentAt: () => number): Notification => {
  const change = readChange(notification, inbox.alarmPrefix, sentAt);
  const text = JSON.stringify(notification);
  if (change === 'first state') return { kind: 'first state' };
  return change
    ? { kind: 'change', change: { ...change, severity, notification: fitNotification(text) } }
    : { kind: 'other', severity, subject: '', text };
};

/** Reads a message of the inbox. Never throws: what it does not know is for people to read. */
export const readNotification = ({ body, attributes, eventSourceARN }: InboxRecord, inbox: Inbox): Notification => {
  if (eventSourceARN === inbox.customNotices) return readCustomNotice(body);
  const wrapped = envelope.safeParse(parseJson(body));
  const { TopicArn, Message = body, Subject = '', Timestamp } = wrapped.data ?? {};
  const severity = severityOf(inbox, TopicArn);
  const sentAt = () => timeOf(Timestamp, attributes?.SentTimestamp);
  const message = parseJson(Message);
  const alarmEvent = readAlarmEvent(message);
  if (alarmEvent) return readEvent(alarmEvent, inbox, sentAt);
  const event = readDeploymentEvent(message);
  if (event) return { kind: 'deployment', event };
  const change = readChange(message, inbox.alarmPrefix, sentAt);
  if (change === 'first state') return { kind: 'first state' };
  if (change === undefined || (change.state === 'OK' && firesElsewhere(message, TopicArn)))
    return { kind: 'other', severity, subject: Subject, text: Message };
  return { kind: 'change', change: { ...change, severity, notification: fitNotification(Message) } };
};
