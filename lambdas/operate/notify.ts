import { randomUUID } from 'node:crypto';
import type { CustomNotice } from '../contract/notices/custom-notice.ts';
import { CUSTOM_NOTICE_SCHEMA } from '../contract/notices/notice-limits.ts';
import type { OperationHandler } from './operator.ts';

/** Hands a notice to the notifier. Rejects when its queue does not take it. */
export type SendNotice = (notice: CustomNotice) => Promise<void>;

/** POST /v1/notify */
export const createNotify = (send: SendNotice): OperationHandler<'POST /v1/notify'> => ({
  describe: ({ body: { title, severity, thread, resolve } }, answer) => ({
    target: thread ?? answer?.id ?? title,
    change: { title, severity, ...(thread !== undefined && { thread, resolve }) },
  }),
  perform: async ({ body, actor: { actor } }) => {
    const id = randomUUID();
    const at = new Date().toISOString();
    await send({ schema: CUSTOM_NOTICE_SCHEMA, id, at, ...body, source: { kind: 'person', actor } });
    return { id };
  },
});
