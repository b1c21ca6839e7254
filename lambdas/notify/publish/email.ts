import { formatDuration } from '../../contract/format-duration.ts';
import { isEnd } from '../incidents/incident.ts';
import type { Delivery, OutboxMessage } from '../outbox/outbox.ts';
import { type AlarmText, MAX_NAMED_ALARMS, readAlarmText } from './alarm-text.ts';
import { cutToBytes, toPlainText, toSubject } from './plain-text.ts';

export interface Email {
  readonly subject: string;
  readonly text: string;
}

type Message = OutboxMessage['message'];

/** Far below what SNS takes, and far above what anybody reads. */
const MAX_BYTES = 32_768;

/** `20 Nov 2026, 22:14 UTC` */
const formatTime = (at: number): string => {
  const [, month = '', day = '', year = '', time = ''] =
    /^\w+, (\d+) (\w+) (\d+) (\d+:\d+)/.exec(new Date(at).toUTCString())?.map(String) ?? [];
  return `${month} ${day} ${year}, ${time} UTC`;
};

/** The first line: what is wrong, or what is over. */
const headlineOf = ({ kind, cause, since, at }: Message, means: string | undefined): string => {
  if (kind === 'over') return `${cause} is over after ${formatDuration(at - since)}.`;
  if (kind === 'quiet') return `${cause} is quiet after ${formatDuration(at - since)}: nothing proves that it is over.`;
  const what = `${cause}: ${means ?? 'an alarm fires.'}`;
  if (kind === 'repeated') return `Still, for ${formatDuration(at - since)}: ${what}`;
  if (kind === 'reopened') return `Again: ${what}`;
  return kind === 'escalated' ? `Now critical: ${what}` : what;
};

const bodyOf = (message: Message, alarm: AlarmText): string[] => {
  const { kind, since, severity, incident, members } = message;
  const more = members.length - MAX_NAMED_ALARMS;
  const { means, details, reason, account, region } = alarm;
  return [
    ...(isEnd(kind) && means ? [`It was: ${means}`] : []),
    '',
    `Since: ${formatTime(since)}`,
    `Severity: ${severity}`,
    ...(isEnd(kind) || !reason ? [] : [`CloudWatch says: ${reason}`]),
    `Alarms: ${members.slice(0, MAX_NAMED_ALARMS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    '',
    ...details.filter((line) => !line.startsWith('Severity: ')),
    `Incident ${incident}${account ? `, account ${account}` : ''}${region ? `, ${region}` : ''}`,
  ];
};

/**
 * The message as people read it. The subject begins like CloudWatch's own, `ALARM: ` or `OK: `, because some paging
 * services read it.
 */
export const formatEmail = ({ message }: OutboxMessage, { notification }: Delivery): Email => {
  const alarm = readAlarmText(notification);
  const headline = headlineOf(message, alarm.means);
  const text = toPlainText([headline, ...bodyOf(message, alarm)].join('\n'));
  return {
    subject: toSubject(`${isEnd(message.kind) ? 'OK' : 'ALARM'}: ${headline}`),
    text: cutToBytes(text, MAX_BYTES),
  };
};
