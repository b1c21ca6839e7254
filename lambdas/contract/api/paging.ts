import * as z from 'zod';
import { MINUTE_MS } from '../durations.ts';
import { moment, wholeNumber } from '../queries.ts';

/** How answers with many rows are cut: to a window of time, and into pages. */

/** The longest window of one request, in minutes. */
const MAX_WINDOW_MINUTES = 7 * 24 * 60;
/** The most that one answer has. */
export const MAX_PAGE = 100;
const MAX_CURSOR_LENGTH = 4_096;

/** The parameters of a window of time. */
export const windowParameters = (defaultMinutes: number) => ({
  minutes: wholeNumber(
    MAX_WINDOW_MINUTES,
    defaultMinutes,
    'How many minutes to look back from `to`, where there is no `from`.',
  ),
  from: moment.optional().describe('The beginning of the window.'),
  to: moment.optional().describe('The end of the window, which is not in it. Default: now.'),
});

/** A window as a request states it. */
export interface StatedWindow {
  readonly minutes: number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** So long ago, at the beginning of the minute: within a minute a request asks for the same, and is answered the same. */
export const minutesAgo = (minutes: number, nowMs = Date.now()): string => {
  const now = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  return new Date(Math.max(now - minutes * MINUTE_MS, 0)).toISOString();
};

/** The two ends of a window as ISO 8601. A window without an end ends a little later than now: clocks differ. */
export const endsOf = ({ minutes, from, to }: StatedWindow, nowMs = Date.now()): { from: string; to: string } => {
  if (to === undefined)
    return { from: from ?? minutesAgo(minutes, nowMs), to: new Date(nowMs + 5 * MINUTE_MS).toISOString() };
  const start = Date.parse(to) - minutes * MINUTE_MS;
  return { from: from ?? new Date(Math.max(start, 0)).toISOString(), to };
};

/** Refuses a window that ends before it begins, or is too long. */
export const checkWindow = (stated: StatedWindow, context: z.RefinementCtx): void => {
  if (stated.from === undefined) return;
  // What is no time has been said already.
  if ([stated.from, stated.to ?? stated.from].some((time) => Number.isNaN(Date.parse(time)))) return;
  const { from, to } = endsOf(stated);
  const minutes = (Date.parse(to) - Date.parse(from)) / MINUTE_MS;
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: Object.keys({ from }), message });
  if (minutes <= 0) refuse('write a time before `to`');
  if (minutes > MAX_WINDOW_MINUTES + 5) refuse(`write a time at most ${MAX_WINDOW_MINUTES} minutes before \`to\``);
};

const cursorAdvice = 'write the `next` of the answer before';

/** The parameters of a page. */
export const pageParameters = (of: string, defaultLimit = 50) => ({
  limit: wholeNumber(MAX_PAGE, defaultLimit, `How many ${of} at most.`),
  after: z
    .string(cursorAdvice)
    .max(MAX_CURSOR_LENGTH, cursorAdvice)
    .regex(/^[\w-]+$/, cursorAdvice)
    .optional()
    .describe(`The \`next\` of the answer before, for the ${of} that follow.`),
});

/** Where a list goes on, in an answer. */
export const next = z
  .string()
  .nullable()
  .describe('What to write as `after` for what follows, with the same parameters otherwise; null when nothing does.');
