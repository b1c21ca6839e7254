import { cutToBytes } from '../../contract/clean-line.ts';
import type { Notice } from '../../contract/notice.ts';
import { toForeign } from '../words/clean-text.ts';
import { concernsPagers } from './pager.ts';
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

const isAboutIncident = ({ type }: Notice): boolean => type.startsWith('incident.');

/** Where it is, for whoever gets mails of several deployments. */
const placeOf = (notice: Notice): string => {
  const { severity, thread, place } = notice;
  const where = `${severity} · ${place.deployment} · account ${place.account} · ${place.region}`;
  return isAboutIncident(notice) ? `${where} · incident ${formatThread(thread)}` : where;
};

/** As CloudWatch writes it, because some paging services read it; not of what no pager is to page for. */
const subjectOf = (notice: Notice): string => {
  const { title, state } = notice;
  if (!isAboutIncident(notice) && !concernsPagers(notice)) return title;
  return state === 'over' || state === 'quiet' ? `OK: ${title.replace(/^Over: /, '')}` : `ALARM: ${title}`;
};

/** A notice as people read it in a mail of plain text. */
export const formatEmail = (notice: Notice): Email => {
  const { title, lines, links } = notice;
  const text = [
    title,
    ...(lines.length > 0 ? ['', ...lines] : []),
    ...(links.length > 0 ? ['', ...links.map((link) => `${link.title}: ${link.url}`)] : []),
    '',
    placeOf(notice),
  ].join('\n');
  return {
    subject: toSubject(subjectOf(notice)),
    text: cutToBytes(toPlainText(text), MAX_BYTES),
  };
};
