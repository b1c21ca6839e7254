import type { Notice } from '../../contract/notice.ts';
import { isSuccess, quoteAnswer, readFailure } from './answers.ts';
import type { Channel, ChannelConfig } from './channel.ts';
import { countUnits, escapeHtml, escapeToFit, toHtml, withoutLinks, withoutSchemes } from './clean-text.ts';
import { buildToFit, type Content, concernsPager, factsOf, placeOf, QUIET, readContent } from './content.ts';
import { toJsonRequest } from './request.ts';
import { threadKeyOf } from './thread-key.ts';

const MAX_MESSAGE = 130;
const MAX_ALIAS = 512;
const MAX_DESCRIPTION = 15_000;
const MAX_ENTITY = 512;
const SOURCE = 'Toolwatch';

const PRIORITIES = { critical: 'P1', warning: 'P3', info: 'P5' } as const;

const write = (line: string, limit: number): string =>
  escapeToFit(line, { limit, count: countUnits, write: withoutLinks });

/** A description may be HTML; a note may not. The title is in it when the message has no room for all of it. */
const describe = ({ title, lines, links, context }: Content): string =>
  [
    ...[title.length > MAX_MESSAGE ? title : '', ...lines, context].filter((line) => line !== '').map(escapeHtml),
    ...links.map(({ title: text, url }) => `<a href="${toHtml(url)}">${escapeHtml(text)}</a>`),
  ].join('\n');

const detailsOf = (notice: Notice): Record<string, string> =>
  Object.fromEntries(
    Object.entries(factsOf(notice)).map(([name, value]) => [withoutSchemes(name), withoutSchemes(String(value))]),
  );

const buildAlert = (notice: Notice, { settings }: ChannelConfig<'jsm'>, content: Content) => ({
  message: write(content.title, MAX_MESSAGE),
  alias: threadKeyOf(notice, MAX_ALIAS),
  priority: PRIORITIES[notice.severity],
  source: SOURCE,
  ...(content.context !== '' && {
    description: describe(content),
    entity: write(String(factsOf(notice).tool ?? placeOf(notice).deployment), MAX_ENTITY),
    details: detailsOf(notice),
  }),
  ...(settings.responders.length > 0 && { responders: settings.responders }),
  ...(settings.tags.length > 0 && { tags: settings.tags }),
});

/** The lines of a notice are far from the limit of a note, 25,000. */
const buildNote = (notice: Notice, { title, lines }: Content) => ({
  source: SOURCE,
  note: [notice.state === 'quiet' ? `${title} (${QUIET})` : title, ...lines].map(withoutLinks).join('\n'),
});

/**
 * Alerts of Jira Service Management, by an API integration. An incident is one alert, under its own alias. Its end closes
 * it; when an incident is quiet the alert gets a note and stays open, because nothing proves that it is over.
 */
export const jsm: Channel<ChannelConfig<'jsm'>> = {
  minIntervalMs: 250,

  buildRequest: (notice, config, { form }) => {
    if (!concernsPager(notice)) return undefined;
    const content = readContent(notice, form);
    const send = (path: string, body: object) =>
      toJsonRequest({
        url: `https://${config.settings.host}/jsm/ops/integration/v2/alerts${path}`,
        headers: { authorization: `GenieKey ${config.secret}` },
        body,
      });
    const toAlert = (action: string) =>
      send(
        `/${encodeURIComponent(threadKeyOf(notice, MAX_ALIAS))}/${action}?identifierType=alias`,
        buildNote(notice, content),
      );
    if (notice.state === 'over') return toAlert('close');
    if (notice.state === 'quiet') return toAlert('notes');
    const body = buildToFit(
      content,
      (some) => buildAlert(notice, config, some),
      ({ description = '' }) => description.length <= MAX_DESCRIPTION,
    );
    return send('', body);
  },

  readAnswer: (answer, now) =>
    isSuccess(answer) ? { kind: 'accepted' } : readFailure(answer, now, quoteAnswer(answer.body)),
};
