import * as z from 'zod';
import { defineTool } from '../../lambdas/observe/define-tool.ts';

/** A tool that takes its time, says how far it has come, and may end badly. */
export default defineTool({
  name: 'slow_tool',
  description: 'Takes its time.',
  input: z.object({
    steps: z.int(),
    stepMs: z.int(),
    end: z.enum(['well', 'throw', 'exit']).default('well'),
  }),
  output: z.object({ steps: z.int() }),
  readOnly: true,
  timeoutSeconds: 30,
  alarms: {},
  progress: true,
}).run(async ({ steps, stepMs, end }, { progress, signal }) => {
  for (let step = 1; step <= steps && !signal.aborted; step += 1) {
    progress(step, steps, `step ${step}, password=hunter2hunter2`);
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
  if (end === 'throw') throw new Error('broken on purpose');
  if (end === 'exit') process.exit(3);
  setTimeout(() => progress(steps + 1), 0);
  return { steps };
});
