import type { Notice } from '../../contract/notice.ts';
import { isSuccess, quoteAnswer, readFailure } from './answers.ts';
import type { Channel, ChannelConfig } from './channel.ts';
import { countUnits, escapeToFit, withoutLinks, withoutSchemes } from './clean-text.ts';
import {
  buildToFit,
  type Content,
  concernsPager,
  factsOf,
  isAboutDeployment,
  placeOf,
  QUIET,
  readContent,
} from './content.ts';
import { sizeOf, toJsonRequest } from './request.ts';
import { threadKeyOf } from './thread-key.ts';

const MAX_SUMMARY = 1_024;
const MAX_KEY = 255;
const MAX_BODY = 500_000;
/** The keys of a ruleset begin with it; they take no change events. */
const RULESET = 'R';

const iso = (at: number): string => new Date(at).toISOString();

const summaryOf = (notice: Notice, title: string): string =>
  escapeToFit(notice.state === 'quiet' ? `${title} (${QUIET})` : title, {
    limit: MAX_SUMMARY,
    count: countUnits,
    write: withoutLinks,
  });

const detailsOf = (notice: Notice, { lines, context }: Content) => {
  const facts = Object.entries(factsOf(notice)).map(([name, value]) => [
    withoutSchemes(name),
    typeof value === 'string' ? withoutSchemes(value) : value,
  ]);
  const text = lines.map(withoutLinks).join('\n');
  return {
    ...Object.fromEntries(facts),
    ...(text !== '' && { text }),
    ...(context !== '' && { context: withoutLinks(context) }),
  };
};

const sourceOf = (notice: Notice): string => {
  const { deployment, account, region } = placeOf(notice);
  return withoutLinks([deployment, account, region].filter((text) => text !== '').join(' '));
};

/** What triggers and changes have in common; the shortest form is a summary and where it comes from. */
const payloadOf = (notice: Notice, content: Content, at: number) => ({
  summary: summaryOf(notice, content.title),
  source: sourceOf(notice),
  timestamp: iso(at),
  ...(content.context !== '' && { custom_details: detailsOf(notice, content) }),
});

const linksIn = ({ links }: Content) =>
  links.length > 0 ? { links: links.map(({ title, url }) => ({ href: url, text: withoutLinks(title) })) } : {};

const buildTrigger = (notice: Notice, content: Content) => ({
  event_action: 'trigger',
  dedup_key: threadKeyOf(notice, MAX_KEY),
  client: 'Toolwatch',
  ...(content.links[0] && { client_url: content.links[0].url }),
  ...linksIn(content),
  payload: {
    ...payloadOf(notice, content, notice.since),
    severity: notice.severity,
    ...(typeof notice.facts.tool === 'string' && { component: String(factsOf(notice).tool) }),
    group: placeOf(notice).deployment,
    class: notice.type,
  },
});

/** What PagerDuty gets of a notice, and where; nothing of what nobody has to act on, but that something has changed. */
const chooseEvent = (
  notice: Notice,
  key: string,
): { path: string; build: (content: Content) => object } | undefined => {
  if (concernsPager(notice)) {
    return notice.state === 'over'
      ? {
          path: '/v2/enqueue',
          build: () => ({ event_action: 'resolve', dedup_key: threadKeyOf(notice, MAX_KEY) }),
        }
      : { path: '/v2/enqueue', build: (content) => buildTrigger(notice, content) };
  }
  if (!isAboutDeployment(notice) || key.startsWith(RULESET)) return undefined;
  return {
    path: '/v2/change/enqueue',
    build: (content) => ({ payload: payloadOf(notice, content, notice.at), ...linksIn(content) }),
  };
};

/**
 * PagerDuty by Events v2. An incident is one alert from its first notice to its end. One that is quiet stays open there:
 * nothing proves that it is over, so a person ends it.
 */
export const pagerduty: Channel<ChannelConfig<'pagerduty'>> = {
  minIntervalMs: 500,

  buildRequest: (notice, { settings, secret }, { form }) => {
    const event = chooseEvent(notice, secret);
    if (!event) return undefined;
    const body = buildToFit(
      readContent(notice, form),
      (content) => ({ routing_key: secret, ...event.build(content) }),
      (built) => sizeOf(built) <= MAX_BODY,
    );
    return toJsonRequest({ url: `https://${settings.host}${event.path}`, body });
  },

  readAnswer: (answer, now) => {
    if (isSuccess(answer)) return { kind: 'accepted' };
    // Of an unknown key PagerDuty says with status 400 what others say with 401.
    if (answer.status === 400 && /routing.?key/i.test(answer.body)) {
      return { kind: 'dead', reason: 'PagerDuty does not know the integration key' };
    }
    return readFailure(answer, now, quoteAnswer(answer.body));
  },
};
