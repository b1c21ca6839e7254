import type { Notice } from '../../contract/notice.ts';
import { isEnd } from '../incidents/incident.ts';
import type { LeadingAlarm, TopicDelivery } from '../outbox/deliveries.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { fieldsOf, MAX_NAMED_ALARMS } from './alarm-text.ts';

/** As CloudWatch writes it: `2026-11-20T22:14:03.120+0000`. */
const formatTime = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/**
 * The contributor of an alarm that groups by a dimension. Pagers that recognize incidents by the alarm's name would take
 * all its contributors for one.
 */
const contributorOf = ({ AlarmContributorAttributes: attributes }: Readonly<Record<string, unknown>>): string =>
  typeof attributes === 'object' && attributes !== null
    ? Object.values(attributes)
        .map((value) => `/${value}`)
        .join('')
    : '';

const withContributor = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const contributor = contributorOf(fields);
  const extend = (key: string) => (typeof fields[key] === 'string' ? { [key]: `${fields[key]}${contributor}` } : {});
  return contributor === '' ? {} : { ...extend('AlarmName'), ...extend('AlarmArn') };
};

const END_REASONS = {
  over: 'The incident is over.',
  quiet: 'The incident is quiet: nothing was measured at its end, and nothing proves that it is over.',
};

const stateOf = ({ kind, at }: OutboxMessage['message']) =>
  isEnd(kind)
    ? {
        NewStateValue: 'OK',
        OldStateValue: 'ALARM',
        NewStateReason: END_REASONS[kind],
        StateChangeTime: formatTime(at),
      }
    : { NewStateValue: 'ALARM' };

/**
 * What CloudWatch says of the alarm. Of a digest, which is no alarm, what it would say if it were one; and so of an alarm
 * of which that is not remembered.
 */
const alarmOf = (
  { digest, at }: OutboxMessage['message'],
  { alarm, notification }: LeadingAlarm,
  { title, place }: Pick<Notice, 'title' | 'place'>,
): Readonly<Record<string, unknown>> =>
  digest || notification === ''
    ? {
        AlarmName: alarm,
        AlarmDescription: title,
        AWSAccountId: place.account,
        Region: place.region,
        OldStateValue: 'OK',
        NewStateReason: title,
        StateChangeTime: formatTime(at),
      }
    : fieldsOf(notification);

/**
 * The message as paging services read it that understand CloudWatch: the notification of the alarm under which they
 * know the incident, in the state of the incident, with the incident, its title and what is known about it added.
 */
export const formatPagerMessage = (
  { message }: OutboxMessage,
  { alarm, notification, severity }: TopicDelivery,
  { title, facts, place }: Pick<Notice, 'title' | 'facts' | 'place'>,
): string => {
  const fields = alarmOf(message, { alarm, notification }, { title, place });
  const { incident: id, kind, cause, members, since } = message;
  return JSON.stringify({
    ...fields,
    ...withContributor(fields),
    ...stateOf(message),
    incident: {
      id,
      kind,
      title,
      cause,
      severity,
      members: members.slice(0, MAX_NAMED_ALARMS),
      members_total: members.length,
      since: new Date(since).toISOString(),
    },
    facts,
  });
};

/**
 * A notice that is not about an incident. One that a person or a tool asked for is to pagers as if an alarm of the name of
 * its thread had changed; of all others they get what they do not know, and page nobody.
 */
export const formatPagerNotice = (notice: Notice): string => {
  const { thread, title, lines, state, at, place } = notice;
  if (!concernsPagers(notice)) return JSON.stringify(notice);
  const isOver = state === 'over';
  return JSON.stringify({
    AlarmName: thread,
    AlarmDescription: title,
    AWSAccountId: place.account,
    Region: place.region,
    NewStateValue: isOver ? 'OK' : 'ALARM',
    OldStateValue: isOver ? 'ALARM' : 'OK',
    NewStateReason: lines[0] ?? title,
    StateChangeTime: formatTime(at),
    notice,
  });
};

/** Whether a pager is to page for a notice that is not about an incident: whoever asked for it says how severe it is. */
export const concernsPagers = ({ type, severity }: Pick<Notice, 'type' | 'severity'>): boolean =>
  type.startsWith('custom.') && severity !== 'info';
