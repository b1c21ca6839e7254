import { toLine } from '../../contract/clean-line.ts';
import type { Notice } from '../../contract/notice.ts';
import { MAX_LINK_TITLE } from '../../contract/notices/notice-limits.ts';
import type { Form } from './channel.ts';
import { cutLine } from './clean-text.ts';

/** Longer addresses are refused by channels that show links as buttons. */
const MAX_URL = 3_000;
/** Of all facts, as JSON: a quarter of what the smallest request may have. */
const MAX_FACTS_BYTES = 5_000;
const MAX_FACT_NAME = 60;
const MAX_FACT = 500;
/** How many units of a text are looked at for each that is shown: some are not shown. */
const UNITS_PER_SHOWN = 8;
const MAX_PLACE = 64;

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** What colour a notice has. */
export type Tone = 'critical' | 'warning' | 'info' | 'over' | 'quiet';

/** What a channel shows of a notice in one form. Each text is a line, not yet in the channel's markup. */
export interface Content {
  readonly tone: Tone;
  /** The title with the sign of its tone, for channels that people read among other messages. */
  readonly headline: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly links: readonly Link[];
  /** How it is, where, and what about; empty in a form that has no room for it. */
  readonly context: string;
}

const SIGNS: Readonly<Record<Tone, string>> = {
  critical: '🔴',
  warning: '🟠',
  info: '🔵',
  over: '🟢',
  quiet: '⚪',
};

export const COLOURS: Readonly<Record<Tone, string>> = {
  critical: '#d92d20',
  warning: '#f79009',
  info: '#2e90fa',
  over: '#12b76a',
  quiet: '#98a2b3',
};

/** How it is with an incident that is `quiet`: the same words everywhere. */
export const QUIET = 'quiet: nothing proves that it is over';

const toneOf = ({ state, severity }: Notice): Tone => (state === 'over' || state === 'quiet' ? state : severity);

const describeState = ({ state, severity }: Notice): string => {
  if (state === 'over') return 'over';
  if (state === 'quiet') return QUIET;
  return state === 'open' ? `${severity}, open` : severity;
};

/** The beginning of a text of any size, as a line of at most so many units. */
const beginningOf = (text: string, limit: number): string =>
  cutLine(toLine(text.slice(0, limit * UNITS_PER_SHOWN)), limit);

const isAboutIncident = ({ type }: Notice): boolean => type.split('.')[0] === 'incident';

/** Where it is, each part a line. */
export const placeOf = ({ place: { deployment, account, region } }: Notice): Notice['place'] => ({
  deployment: beginningOf(deployment, MAX_PLACE) || 'unknown',
  account: beginningOf(account, MAX_PLACE),
  region: beginningOf(region, MAX_PLACE),
});

const describeContext = (notice: Notice): string => {
  const { deployment, account, region } = placeOf(notice);
  const incident = isAboutIncident(notice) ? [`incident ${beginningOf(notice.thread, MAX_PLACE)}`] : [];
  return [describeState(notice), deployment, account, region, ...incident].filter((text) => text !== '').join(' · ');
};

/** The address as a browser writes it; none for what is too long, or has a password. */
const readUrl = (text: string): string | undefined => {
  const { href, protocol, username, password } = new URL(text);
  return protocol === 'https:' && `${username}${password}` === '' && href.length <= MAX_URL ? href : undefined;
};

/** The links of a notice that a channel can show. */
export const linksOf = ({ links }: Notice): Link[] =>
  links.flatMap(({ title, url }) => {
    const href = readUrl(url);
    return href === undefined ? [] : [{ title: beginningOf(title, MAX_LINK_TITLE) || 'Open', url: href }];
  });

/** What a notice shows in a form. */
export const readContent = (notice: Notice, form: Form): Content => {
  const tone = toneOf(notice);
  // A title of nothing but invisible characters is a title.
  const title = toLine(notice.title) || notice.type;
  const isShort = form === 'line';
  return {
    tone,
    title,
    headline: `${SIGNS[tone]} ${title}`,
    lines: isShort ? [] : notice.lines.map(toLine).filter((line) => line !== ''),
    links: isShort ? [] : linksOf(notice),
    context: isShort ? '' : describeContext(notice),
  };
};

/** Less by what is least important: the last lines, then links, then all but the title. Undefined when that is all. */
const shorten = (content: Content): Content | undefined => {
  const { lines, links, context } = content;
  if (lines.length > 1) return { ...content, lines: lines.slice(0, -1) };
  if (links.length > 0) return { ...content, links: links.slice(0, -1) };
  if (lines.length > 0) return { ...content, lines: [] };
  return context === '' ? undefined : { ...content, context: '' };
};

/** What is built of as much content as fits. What is least important is left out first; the title stays. */
export const buildToFit = <Built>(
  content: Content,
  build: (content: Content) => Built,
  fits: (built: Built) => boolean,
): Built => {
  const built = build(content);
  if (fits(built)) return built;
  const shorter = shorten(content);
  return shorter ? buildToFit(shorter, build, fits) : built;
};

/** The facts of a notice that any receiver can take: each a line, and the first of them as far as there is room. */
export const factsOf = ({ facts }: Notice): Readonly<Record<string, string | number | boolean>> => {
  const taken: [name: string, value: string | number | boolean][] = [];
  let room = MAX_FACTS_BYTES;
  for (const [name, value] of Object.entries(facts)) {
    const key = beginningOf(name, MAX_FACT_NAME);
    const fact = typeof value === 'string' ? beginningOf(value, MAX_FACT) : value;
    room -= Buffer.byteLength(JSON.stringify([key, fact]));
    if (room < 0) break;
    taken.push([key, fact]);
  }
  return Object.fromEntries(taken);
};

/** Messages about something that people know already, but that must be noticed again. */
const NOTICED_AGAIN: ReadonlySet<string> = new Set([
  'incident.reopened',
  'incident.escalated',
  'deployment.failed',
  'custom.escalated',
]);

/** Whether people must be notified anew, where a changed message notifies nobody. */
export const isNoticedAgain = ({ type }: Notice): boolean => NOTICED_AGAIN.has(type);

/** Whether it is about what is deployed: incidents say what a deployment breaks. */
export const isAboutDeployment = ({ type }: Notice): boolean => type.split('.')[0] === 'deployment';

/** Whether somebody has to act on it at once, or had to: nothing else belongs on a pager. */
export const concernsPager = (notice: Notice): boolean => notice.severity !== 'info' && !isAboutDeployment(notice);
