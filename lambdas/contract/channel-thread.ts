import * as z from 'zod';

/** How far a delivery to a channel came. */
export const LEVELS = ['accepted', 'posted'] as const;

/** A notice that a channel has taken. */
const deliveredNotice = z.object({
  id: z.string(),
  level: z.enum(LEVELS),
  /** In milliseconds since 1970. */
  at: z.number(),
});

/** What a channel shows about one thing: an item of the notifier's table, which what delivers writes. */
export const channelThread = z.object({
  /** By which the channel can change its message. */
  reference: z.string().optional(),
  /** The notices that it has taken last, the newest last. */
  delivered: z.array(deliveredNotice),
});
export type ChannelThread = Readonly<z.output<typeof channelThread>>;
export type DeliveredNotice = z.output<typeof deliveredNotice>;
