import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { FACTS, input, output, work } from '../workload.ts';

/** The wrapper as a tool uses it. */
export const handler = defineTool({
  ...FACTS,
  description: 'Look up an order. Use it in benches.',
  input,
  output,
  readOnly: true,
  retry: { attempts: 3 },
  alarms: { p95Ms: FACTS.p95Ms, errorRate: 0.02 },
}).run(work);
