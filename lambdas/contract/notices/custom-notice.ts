import * as z from 'zod';
import { noticeLink, noticeSeverity } from '../notice.ts';
import { instant } from '../time.ts';
import { CUSTOM_NOTICE_SCHEMA, MAX_LINE, MAX_LINES, MAX_LINKS, MAX_THREAD_KEY, MAX_TITLE } from './notice-limits.ts';

const text = (limit: number) => z.string().max(limit, `write at most ${limit} characters`);

/** What somebody writes who wants people to be notified of something. */
export const customNoticeFields = {
  title: text(MAX_TITLE)
    .refine((title) => title.trim() !== '', 'write what has happened')
    .describe('What has happened, in one line.'),
  severity: noticeSeverity
    .default('warning')
    .describe('`critical` wakes a person, `warning` waits for the morning, `info` is only shown in channels.'),
  lines: z
    .array(text(MAX_LINE))
    .max(MAX_LINES, `write at most ${MAX_LINES} lines`)
    .default([])
    .describe('What else people must know, most important first.'),
  links: z
    .array(noticeLink)
    .max(MAX_LINKS, `write at most ${MAX_LINKS} links`)
    .default([])
    .describe('Where to look, as https://…, most important first.'),
  thread: text(MAX_THREAD_KEY)
    .min(1, 'write a key, or leave it out')
    .optional()
    .describe('What notices about one thing share: they join, and last until one with `resolve`.'),
  resolve: z.boolean().default(false).describe('Whether the thing that the thread is about is over.'),
};

/** Refuses the end of nothing. */
export const hasThreadToResolve = ({ thread, resolve }: { thread?: string | undefined; resolve: boolean }): boolean =>
  !resolve || thread !== undefined;

export const RESOLVES_NOTHING = 'only a thread can be over; write its key as thread';

/** Who wrote a custom notice: a tool, in a call of a tenant; or a person, by the API or the command. */
const customNoticeSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tool'),
    tool: z.string().min(1),
    tenant_id: z.string().optional(),
    correlation_id: z.string().optional(),
    trace_id: z.string().optional(),
  }),
  z.object({ kind: z.literal('person'), actor: z.string().min(1) }),
]);

/** A custom notice on its way to the notifier. */
export const customNotice = z
  .object({
    schema: z.literal(CUSTOM_NOTICE_SCHEMA),
    /** The same in every attempt to send it. */
    id: z.uuid(),
    at: instant,
    ...customNoticeFields,
    source: customNoticeSource,
  })
  .refine(hasThreadToResolve, RESOLVES_NOTHING);
export type CustomNotice = z.output<typeof customNotice>;
/** The same before it is read. */
export type CustomNoticeMessage = z.input<typeof customNotice>;
