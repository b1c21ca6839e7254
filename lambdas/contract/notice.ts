import * as z from 'zod';
import { MAX_LINE, MAX_LINES, MAX_LINK_TITLE, MAX_LINKS, MAX_TITLE } from './notices/notice-limits.ts';

/** `info` asks nobody to act: only channels show it. */
export const noticeSeverity = z.enum(['critical', 'warning', 'info']);

export const noticeLink = z.strictObject({
  title: z.string().min(1).max(MAX_LINK_TITLE),
  url: z.url({ protocol: /^https$/, error: 'write an address that begins with https://' }),
});

/**
 * What one message to people says, in every channel: the notifier writes it, each channel shows it in its own form.
 * Texts are plain, one line each, without markup; whoever shows them escapes them. Only `title` is sure to be shown
 * everywhere; a channel that has little room leaves out the last lines first.
 */
export const noticeSchema = z.strictObject({
  /** Identifies this message: the same in every attempt and every channel. Without a full stop. */
  id: z.uuid(),
  /** What it is about, as subscribers filter it: `incident.opened`, `incident.over`, `deployment.failed`, `custom`. */
  type: z.string().regex(/^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$/),
  /** What messages about one thing share, so that a channel can join them: an incident's id. */
  thread: z.string().min(1).max(512),
  /**
   * How it is with that thing after this message: it lasts, it is over, it is `quiet` (nothing proves that it is over), or
   * there is nothing that could end (`event`).
   */
  state: z.enum(['open', 'over', 'quiet', 'event']),
  severity: noticeSeverity,
  /** `place_order fails: 41 of 120 calls (34 %) since 10:02 UTC` */
  title: z.string().min(1).max(MAX_TITLE),
  /** The rest of what a person must know, most important first. */
  lines: z.array(z.string().max(MAX_LINE)).max(MAX_LINES),
  /** Where to look and what to do, most important first. */
  links: z.array(noticeLink).max(MAX_LINKS),
  /** The same for programs: `calls`, `failed`, `tool`, `provider`. Names are snake_case. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** When it began and when this was decided, in milliseconds since 1970. */
  since: z.number(),
  at: z.number(),
  /** Where: the deployment's name, its account and region. */
  place: z.strictObject({ deployment: z.string(), account: z.string(), region: z.string() }),
});

export type Notice = z.output<typeof noticeSchema>;

/** The fact of a notice about an alert rule that has channels of its own: their names, separated by commas. */
export const RULE_CHANNELS_FACT = 'rule_channels';
