import * as z from 'zod';

const jsonSchema = z.looseObject({ type: z.literal('object') });

/** The fields of a tool that clients see, under MCP's own names. */
const listedFields = {
  name: z.string(),
  title: z.string().optional(),
  description: z.string(),
  inputSchema: jsonSchema,
  outputSchema: jsonSchema,
  annotations: z.object({
    title: z.string().optional(),
    readOnlyHint: z.boolean().optional(),
    destructiveHint: z.boolean().optional(),
    idempotentHint: z.boolean().optional(),
    openWorldHint: z.boolean().optional(),
  }),
};

const catalogueEntry = z.object({
  ...listedFields,
  timeoutSeconds: z.int(),
  progress: z.boolean().optional(),
  /** Whether a job's call may be made again, with the same idempotency key. */
  isRepeatable: z.boolean(),
  provider: z.string().optional(),
  gptName: z.string().optional(),
  domain: z.string().optional(),
  slowMs: z.number(),
  countsProvider: z.boolean(),
});
/**
 * A tool as the gateway knows it: what clients see, and what the gateway needs to record the tool's invoke failures.
 */
export type CatalogueEntry = z.infer<typeof catalogueEntry>;

/** The gateway's tools. `lib` writes this file beside the bundle, from the tools' facts. */
export const catalogue = z.array(catalogueEntry);

/** The part of an entry that clients may see. */
export const toListedTool = z.object(listedFields).parse;
