import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { cutToBytes } from '../../contract/clean-line.ts';
import { LONE_SURROGATES } from '../../contract/limits.ts';
import type { Notice } from '../../contract/notice.ts';
import type { Severity } from '../../contract/severity.ts';
import { isEnd } from '../incidents/incident.ts';
import type { TopicDelivery } from '../outbox/deliveries.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { fieldsOf, readAlarmText } from './alarm-text.ts';
import { formatEmail } from './email.ts';
import { formatPagerMessage, formatPagerNotice } from './pager.ts';
import { toPlainText, toSubject } from './plain-text.ts';
import type { PublishToTopic } from './publish-to-topic.ts';

/** The topics of people and pagers, by severity. */
export type Topics = Readonly<Record<Severity, string>>;

type Content = Omit<PublishCommandInput, 'TopicArn'>;

/** SNS's limit, without a reserve for the subject. */
const MAX_BYTES = 262_144 - 100;

/** What SNS refuses because of the message itself: it would refuse it again. */
const isAboutContent = (error: unknown): boolean =>
  error instanceof Error && /^(InvalidParameter|ParameterValueInvalid|ValidationError)/.test(error.name);

/** Text for people, and for pagers the JSON that they know. */
export const richContent = (message: OutboxMessage, delivery: TopicDelivery, notice: Notice): Content => {
  const { subject, text } = formatEmail(notice);
  const Message = JSON.stringify({ default: formatPagerMessage(message, delivery, notice), email: text });
  return { Subject: subject, Message, MessageStructure: 'json' };
};

/** The same for a notice that is not about an incident: pagers page for what somebody asks them to, and nothing else. */
const noticeContent = (notice: Notice): Content => {
  const { subject, text } = formatEmail(notice);
  const Message = JSON.stringify({ default: formatPagerNotice(notice), email: text });
  return { Subject: subject, Message, MessageStructure: 'json' };
};

const plainNoticeContent = ({ title }: Notice): Content => ({
  Subject: toSubject(title),
  Message: cutToBytes(toPlainText(title), MAX_BYTES),
});

/** One line that nothing can be wrong with. */
export const plainContent = ({ message }: OutboxMessage, { alarm }: TopicDelivery): Content => {
  const state = isEnd(message.kind) ? 'OK' : 'ALARM';
  const line = toPlainText(`${state}: ${alarm}, since ${new Date(message.since).toISOString()}`);
  return { Subject: toSubject(line), Message: cutToBytes(line, MAX_BYTES) };
};

/** UTF-8 without NULs; nothing else of it is changed. */
const toStorable = (text: string): string => text.replaceAll('\0', '').replace(LONE_SURROGATES, '\ufffd');

/** The text of a mail about an alarm that the notifier only passes on; `undefined` for anything else. */
const describeAlarm = (notification: string): string | undefined => {
  const { means, owner, runbook, reason } = readAlarmText(notification);
  if (means === undefined || reason === undefined) return undefined;
  const { AlarmName, NewStateValue } = fieldsOf(notification);
  const state = NewStateValue === 'OK' ? 'is over. It was:' : 'fires:';
  return toPlainText(
    [
      `${AlarmName} ${state} ${means}`,
      `CloudWatch says: ${reason}`,
      ...(runbook ? [`Runbook: ${runbook}`] : []),
      ...(owner ? [`Owner: ${owner}`] : []),
    ].join('\n'),
  );
};

/** What is passed on as it came, which pagers may know; of an alarm, people read the words. */
export const unknownContent = (subject: string, text: string): Content => {
  const Subject = toSubject(subject);
  const email = describeAlarm(text);
  const Message = email === undefined ? '' : JSON.stringify({ default: text, email });
  if (Message !== '' && Buffer.byteLength(Message) <= MAX_BYTES) return { Subject, Message, MessageStructure: 'json' };
  // SNS takes no empty message.
  return { Subject, Message: cutToBytes(toStorable(text), MAX_BYTES) || 'An empty notification.' };
};

/** Publishes to people and pagers. */
export class Publisher {
  private readonly send: PublishToTopic;
  private readonly topics: Topics;

  constructor(send: PublishToTopic, topics: Topics) {
    this.send = send;
    this.topics = topics;
  }

  /**
   * Publishes a message as its notice says it; in its shortest form where there is no notice, or SNS does not take it.
   * Rejects when SNS does not take that either.
   */
  async deliver(message: OutboxMessage, delivery: TopicDelivery, notice: Notice | undefined): Promise<void> {
    const { severity } = delivery;
    try {
      const content = notice ? richContent(message, delivery, notice) : plainContent(message, delivery);
      await this.publish(severity, content);
    } catch (error) {
      if (!notice || !isAboutContent(error)) throw error;
      await this.publish(severity, plainContent(message, delivery));
    }
  }

  /**
   * Publishes a notice that is not about an incident, in its shortest form where SNS does not take it. Rejects when SNS
   * does not take that either.
   */
  async deliverNotice(severity: Severity, notice: Notice): Promise<void> {
    try {
      await this.publish(severity, noticeContent(notice));
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      await this.publish(severity, plainNoticeContent(notice));
    }
  }

  /** Publishes what is not the notification of an alarm. Rejects when SNS does not take it. */
  async forward(severity: Severity, subject: string, text: string): Promise<void> {
    await this.publish(severity, unknownContent(subject, text));
  }

  private async publish(severity: Severity, content: Content): Promise<void> {
    await this.send({ TopicArn: this.topics[severity], ...content });
  }
}
