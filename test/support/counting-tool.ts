import * as z from 'zod';
import { defineTool } from '../../lambdas/observe/define-tool.ts';

/** A tool whose effect is a request to a service, which is told its idempotency key. */
export default defineTool({
  name: 'counting_tool',
  description: 'Count a call. Use it in tests.',
  input: z.object({ url: z.url(), exits: z.boolean().default(false) }),
  output: z.object({ counted: z.boolean() }),
  readOnly: false,
  idempotent: true,
  timeoutSeconds: 20,
  alarms: {},
}).run(async ({ url, exits }, { call, fetch }) => {
  const response = await fetch(url, { method: 'POST', headers: { 'idempotency-key': call.idempotency_key } });
  const { isFirst } = (await response.json()) as { isFirst: boolean };
  // The effect has happened, and the process ends before it can say so.
  if (exits && isFirst) process.exit(3);
  return { counted: true };
});
