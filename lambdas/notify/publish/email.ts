import { cutToBytes } from '../../contract/clean-line.ts';
import type { Notice } from '../../contract/notice.ts';
import { toForeign } from '../words/clean-text.ts';
import { toPlainText, toSubject } from './plain-text.ts';

export interface Email {
  readonly subject: string;
  readonly text: string;
}

/** Far below what SNS takes, and far above what anybody reads. */
const MAX_BYTES = 32_768;
const MAX_ID = 300;

/** An incident's id: its cause, which a caller may have named, and the time at which it began. */
const formatThread = (thread: string): string => {
  const [, cause = thread, time = ''] = /^(.+)(@[\dT:.-]+Z)$/.exec(thread) ?? [];
  return toForeign(cause, MAX_ID) + time;
};

/** Where it is, for whoever gets mails of several deployments. */
const placeOf = ({ severity, thread, place: { deployment, account, region } }: Notice): string =>
  `${severity} · ${deployment} · account ${account} · ${region} · incident ${formatThread(thread)}`;

/**
 * A notice as people read it in a mail of plain text. The subject begins like CloudWatch's own, `ALARM: ` or `OK: `,
 * because some paging services read it.
 */
export const formatEmail = (notice: Notice): Email => {
  const { title, lines, links, state } = notice;
  const isOver = state === 'over' || state === 'quiet';
  const text = [
    title,
    ...(lines.length > 0 ? ['', ...lines] : []),
    ...(links.length > 0 ? ['', ...links.map((link) => `${link.title}: ${link.url}`)] : []),
    '',
    placeOf(notice),
  ].join('\n');
  return {
    subject: toSubject(isOver ? `OK: ${title.replace(/^Over: /, '')}` : `ALARM: ${title}`),
    text: cutToBytes(toPlainText(text), MAX_BYTES),
  };
};
