import { LONE_SURROGATES } from './limits.ts';

/** A span of time of a page in CloudWatch's console: two moments in milliseconds since 1970, or the last hour. */
export type InsightsSpan = { readonly fromMs: number; readonly untilMs: number } | 'last hour';

/** As `encodeURIComponent`, and what that leaves: the notation gives a meaning to these as well. */
const encodeEverything = (value: string): string =>
  encodeURIComponent(value.replace(LONE_SURROGATES, '\ufffd')).replaceAll(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** A text within the notation. */
export const encodeInsights = (value: string): string => encodeEverything(value).replaceAll('%', '*');

const spanOf = (span: InsightsSpan): string => {
  if (span === 'last hour') return "end~0~start~-3600~timeType~'RELATIVE~unit~'seconds";
  const moment = (ms: number) => `'${encodeInsights(new Date(ms).toISOString())}`;
  return `end~${moment(span.untilMs)}~start~${moment(span.fromMs)}~timeType~'ABSOLUTE~tz~'UTC`;
};

/**
 * The page of Logs Insights with a query, as the console writes its addresses: its own notation (`~(key~'value)`),
 * percent-encoded twice with `$` and `*` for `%`. `encodedLogGroup` is a name after `encodeInsights`.
 */
export const insightsPage = (encodedLogGroup: string, query: string, span: InsightsSpan): string => {
  const detail = `~(${spanOf(span)}~editorString~'${encodeInsights(query)}~source~(~'`;
  const hash = encodeURIComponent(`queryDetail=${detail}`).replaceAll('%', '$');
  return `logsV2:logs-insights$3F${hash}${encodedLogGroup}))`;
};
