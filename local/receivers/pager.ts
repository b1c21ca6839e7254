import * as z from 'zod';
import { parseJson } from '../../lambdas/contract/parse-json.ts';
import { findAddresses } from './markup.ts';
import { Board, type ReceivedRequest, type Receiver, type ReceiverAnswer, refuseRateByHeader } from './receiver.ts';

const envelope = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('SubscriptionConfirmation'), TopicArn: z.string(), SubscribeURL: z.url() }),
  z.object({
    Type: z.literal('Notification'),
    TopicArn: z.string(),
    Subject: z.string().default(''),
    Message: z.string(),
    Timestamp: z.string(),
  }),
]);

/** A notification as a pager would show it. */
export interface Page {
  subject: string;
  message: string;
  at: string;
}

export interface PagerReceiver extends Receiver {
  pages(): readonly Page[];
}

/** A webhook like that of a paging service: it confirms subscriptions of SNS and shows the notifications it receives. */
export const createPager = (): PagerReceiver => {
  const board = new Board();
  const pages: Page[] = [];
  const answer = async ({ body }: ReceivedRequest): Promise<ReceiverAnswer> => {
    const parsed = envelope.safeParse(parseJson(body));
    if (!parsed.success) return { status: 400 };
    const { data } = parsed;
    if (data.Type === 'SubscriptionConfirmation') {
      await fetch(data.SubscribeURL);
      return { status: 200 };
    }
    const { Subject: title, Message: message, Timestamp: at } = data;
    if (!board.losesAll) pages.push({ subject: title, message, at });
    board.show(String(pages.length), {
      title,
      lines: [message],
      buttons: [],
      links: findAddresses(message),
      mentions: [],
    });
    return { status: 200 };
  };
  return { path: '/alerts', board, answer, refuseRate: refuseRateByHeader, pages: () => pages };
};
