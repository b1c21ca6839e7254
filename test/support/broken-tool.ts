import * as z from 'zod';
import { defineTool } from '../../lambdas/observe/define-tool.ts';

const readTotal = (order: { total?: { cents: number } }): number => (order.total as { cents: number }).cents;

/** A tool with a bug: it reads a property of nothing. */
export default defineTool({
  name: 'broken',
  description: 'Fail. Use it in tests.',
  input: z.object({}),
  output: z.object({ cents: z.int() }),
  readOnly: true,
  timeoutSeconds: 5,
  alarms: {},
}).run(() => ({ cents: readTotal({}) }));
