import * as z from 'zod';
import { defineTool } from '../../lambdas/observe/define-tool.ts';
import { notify } from '../../lambdas/observe/notices/notify.ts';

/** A tool that notifies people of what it is called with, and answers whether the notifier will get it. */
export default defineTool({
  name: 'notifying_tool',
  description: 'Notify people. Use it in tests.',
  input: z.object({ title: z.string(), resolve: z.boolean().default(false) }),
  output: z.object({ isSent: z.boolean() }),
  readOnly: false,
  timeoutSeconds: 20,
  alarms: {},
  notifies: true,
}).run(async ({ title, resolve }) => ({ isSent: await notify(title, { thread: 'stock', resolve }) }));
