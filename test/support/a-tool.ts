import * as z from 'zod';
import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';

const input = z.object({ city: z.string().describe('A city'), note: z.unknown().optional().describe('Anything') });
const output = z.object({ degrees: z.number(), note: z.unknown().optional() });

/** Facts of a tool, with what the test does not state filled in. */
export const toolFacts = (given: Partial<ToolFacts<typeof input, typeof output>> = {}) => ({
  name: 'weather',
  description: 'Tell the weather. Use it in tests.',
  input,
  output,
  readOnly: true,
  timeoutSeconds: 5,
  alarms: { p95Ms: 1_000, errorRate: 0.05 },
  ...given,
});
