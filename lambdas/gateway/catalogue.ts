import * as z from 'zod';

const jsonSchema = z.looseObject({ type: z.literal('object') });

/** A tool as it is listed to clients, in MCP's own words. */
const listed = {
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
  ...listed,
  timeoutSeconds: z.int(),
  provider: z.string().optional(),
  gptName: z.string().optional(),
  slowMs: z.number(),
});
/** A tool as the gateway knows it: what it lists, and what it must know when the tool dies. */
export type CatalogueEntry = z.infer<typeof catalogueEntry>;

/** Lib writes it beside the bundle, from the tools' facts. */
export const catalogue = z.array(catalogueEntry);

/** What clients may see of an entry. */
export const listedOf = z.object(listed).parse;
