/** What clients make of texts: what people see, what they can click, and who is mentioned. */
export interface Rendered {
  readonly text: string;
  readonly links: readonly { readonly title: string; readonly url: string }[];
  readonly mentions: readonly string[];
}

/** What has no width ends a word, as a space does. */
const BETWEEN_WORDS = /[\s\u200b]+/u;
const WITH_SCHEME = /[a-z][a-z0-9+.-]*:\/\/.*/iu;
/** A domain, or an address of mail. */
const WITHOUT_SCHEME = /[\p{L}\p{N}_-]\.\p{L}|.@./u;

const findAddress = (word: string): string | undefined =>
  WITH_SCHEME.exec(word)?.[0] ?? (WITHOUT_SCHEME.test(word) ? word : undefined);

const EVERYONE = /@(?:everyone|here|channel|all)\b/gi;

/** What is linked or mentioned without any markup. */
export const findAddresses = (text: string): string[] =>
  text.split(BETWEEN_WORDS).flatMap((word) => findAddress(word) ?? []);
const findEveryone = (text: string): string[] => text.match(EVERYONE) ?? [];

/** Clients format between two equal marks at the edges of words; without width is a space to them. */
const EMPHASIS = /(?<![\p{L}\p{N}])([*_~`])(?![\s\u200b])([^\n]*?[^\s\u200b])\1(?![\p{L}\p{N}])/gu;

const withoutEmphasis = (text: string): string => {
  const rendered = text.replace(EMPHASIS, '$2');
  return rendered === text ? text : withoutEmphasis(rendered);
};

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
const decode = (text: string): string => text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity] ?? '');

/** Renders markup whose links and mentions are between angle brackets. */
const renderBracketed = (markup: string, isMention: RegExp, finish: (text: string) => string): Rendered => {
  const links: { title: string; url: string }[] = [];
  const mentions: string[] = [];
  const text = markup.replace(/<([^<>\n]+)>/g, (whole, inner: string) => {
    if (isMention.test(inner)) mentions.push(inner);
    else if (/^[a-z]+:/i.test(inner)) {
      const [url = '', title = url] = inner.split('|');
      links.push({ title: finish(title), url: finish(url) });
      return '';
    } else return whole;
    return inner;
  });
  const visible = finish(withoutEmphasis(text));
  const found = findAddresses(visible).map((url) => ({ title: url, url }));
  return { text: visible, links: [...links, ...found], mentions: [...mentions, ...findEveryone(visible)] };
};

/** Slack's markup. */
export const renderSlack = (markup: string): Rendered => renderBracketed(markup, /^[@!#]/, decode);

/** The markup of texts in Google Chat, which has no escapes. */
export const renderChat = (markup: string): Rendered => renderBracketed(markup, /^users\//, (text) => text);

const LIST_OR_HEADING = /^[ \t]*(?:#{1,6} |-# |[-+*] |\d+[.)] |>+ ?)/gm;

/** Markdown, as Discord and Adaptive Cards have it. */
export const renderMarkdown = (markup: string): Rendered => {
  const links: { title: string; url: string }[] = [];
  const mentions: string[] = [];
  // Escaped characters wait outside until everything that is not escaped is done.
  const hidden: string[] = [];
  const unhide = (some: string): string =>
    some.replace(/\ufdd0(\d+)\ufdd1/g, (_, index: string) => hidden[Number(index)] ?? '');
  const text = markup
    .replace(/\\([!-/:-@[-`{-~])/g, (_, character: string) => `\ufdd0${hidden.push(character) - 1}\ufdd1`)
    .replace(/\[([^[\]\n]*)\]\(<?([^\s<>()]+?)>?\)/g, (_, title: string, url: string) => {
      links.push({ title: unhide(title), url: unhide(url) });
      return '';
    })
    .replace(/<([a-z]+:\/\/[^\s<>]+)>/gi, (_, url: string) => {
      links.push({ title: url, url: unhide(url) });
      return `\ufdd0${hidden.push(url) - 1}\ufdd1`;
    })
    .replace(/<([@#/:!][^<>\n]*|t:[^<>\n]*)>/g, (_, inner: string) => {
      mentions.push(inner);
      return inner;
    })
    .replace(LIST_OR_HEADING, '')
    .replaceAll('||', '');
  const visible = unhide(withoutEmphasis(text));
  const written = links.map(({ url }) => url);
  const found = findAddresses(visible).filter((url) => !written.includes(url));
  return {
    text: visible,
    links: [...links, ...found.map((url) => ({ title: url, url }))],
    mentions: [...mentions, ...findEveryone(visible)],
  };
};

/** HTML of a few elements. */
export const renderHtml = (markup: string): Rendered => {
  const links: { title: string; url: string }[] = [];
  const text = markup
    .replace(/<a href="([^"<>]*)">([^<>]*)<\/a>/g, (_, url: string, title: string) => {
      links.push({ title: decode(title), url: decode(url) });
      return '';
    })
    .replaceAll('<br>', '\n')
    .replace(/<\/?[a-z][^<>]*>/gi, '');
  const visible = decode(text);
  const found = findAddresses(visible).map((url) => ({ title: url, url }));
  return { text: visible, links: [...links, ...found], mentions: findEveryone(visible) };
};

/** A value among others in a table, where only an address with a scheme is linked. */
export const renderValue = (text: string): Rendered => ({
  text,
  links: text.split(BETWEEN_WORDS).flatMap((word) => {
    const [url] = WITH_SCHEME.exec(word) ?? [];
    return url === undefined ? [] : [{ title: url, url }];
  }),
  mentions: [],
});

/** A text in which only addresses are found. */
export const renderPlain = (text: string): Rendered => ({
  text,
  links: findAddresses(text).map((url) => ({ title: url, url })),
  mentions: findEveryone(text),
});

/** Several texts of one message. */
export const renderAll = (rendered: readonly Rendered[]): Rendered => ({
  text: rendered.map(({ text }) => text).join('\n'),
  links: rendered.flatMap(({ links }) => links),
  mentions: rendered.flatMap(({ mentions }) => mentions),
});
