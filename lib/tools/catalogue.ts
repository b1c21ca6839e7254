import * as z from 'zod';
import { isRepeatable } from '../../lambdas/contract/jobs/repeatable.ts';
import { countsProvider, p95MsOf, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { ListedTool } from '../listed-tool.ts';

/** The tools as the gateway lists them to its clients, in MCP's terms. */
export const catalogueOf = (tools: readonly ListedTool[]) => tools.map(({ facts }) => entryOf(facts));

const entryOf = (facts: ToolFacts) => ({
  name: facts.name,
  title: titleOf(facts.name),
  description: facts.description,
  inputSchema: z.toJSONSchema(facts.input, { io: 'input', override: closeObject }),
  outputSchema: z.toJSONSchema(facts.output, { io: 'output' }),
  annotations: {
    title: titleOf(facts.name),
    readOnlyHint: facts.readOnly,
    destructiveHint: facts.destructive ?? false,
    idempotentHint: facts.readOnly || (facts.idempotent ?? false),
    openWorldHint: facts.provider !== undefined,
  },
  timeoutSeconds: facts.timeoutSeconds,
  progress: facts.progress,
  // Not listed to clients: for the worker.
  isRepeatable: isRepeatable(facts),
  // Nor is this: for the line that the gateway writes when the platform killed a tool.
  slowMs: p95MsOf(facts),
  countsProvider: countsProvider(facts),
  provider: facts.provider,
  gptName: facts.gptName,
  domain: facts.domain,
});

/**
 * The wrapper refuses arguments that an object does not name, unless its schema is `z.looseObject`. The two sides of an
 * intersection each know the other's names, so neither may be closed alone.
 */
const closeObject: NonNullable<z.core.ToJSONSchemaParams['override']> = ({ zodSchema, jsonSchema, path }) => {
  const { def } = zodSchema._zod;
  if (def.type === 'object' && !def.catchall && !path.includes('allOf')) jsonSchema.additionalProperties = false;
};

/** `order_status` → `Order status`. */
const titleOf = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
