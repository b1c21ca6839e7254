import * as z from 'zod';

/** A query that is not what the path takes: a sentence for each parameter, and the parameters' names. */
export interface RefusedQuery {
  readonly message: string;
  readonly parameters: readonly string[];
}

const innermost = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? innermost(schema.unwrap() as z.ZodType) : schema;

/**
 * A query string has text only, in which a plus stands for a space. What a parameter's type leaves no doubt about is
 * read.
 */
const readText = (schema: z.ZodType | undefined, text: string): unknown => {
  const type = schema && innermost(schema);
  if (type instanceof z.ZodNumber && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type instanceof z.ZodISODateTime)
    return text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T').replace(/ (\d\d:\d\d)$/, '+$1');
  return text;
};

const describeIssue = (issue: z.core.$ZodIssue, knownParameters: readonly string[]): string => {
  if (issue.code !== 'unrecognized_keys') return `Parameter ${issue.path.join('.')}: ${issue.message}.`;
  const known =
    knownParameters.length > 0 ? `this path takes ${knownParameters.join(', ')}` : 'this path takes no parameters';
  return `Unknown parameter ${issue.keys.join(', ')}: ${known}.`;
};

const namesIn = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];

/** The query of a request, as a schema reads it. */
export const readQuery = <Schema extends z.ZodObject>(
  schema: Schema,
  search: URLSearchParams,
): { readonly data: z.output<Schema> } | { readonly refused: RefusedQuery } => {
  const given = [...search];
  const repeated = given.find(([name], index) => given.findIndex(([other]) => other === name) !== index)?.[0];
  if (repeated !== undefined) {
    const message = `Parameter ${repeated}: it is there twice; write it once.`;
    return { refused: { message, parameters: [repeated] } };
  }
  const parsed = schema.safeParse(
    Object.fromEntries(given.map(([name, text]) => [name, readText(schema.shape[name], text)])),
  );
  if (parsed.success) return { data: parsed.data };
  // One sentence for each parameter: what follows from the first mistake in it helps nobody.
  const paths = parsed.error.issues.map(({ path }) => String(path));
  const issues = parsed.error.issues.filter((_, index) => paths.indexOf(paths[index] ?? '') === index);
  const knownParameters = Object.keys(schema.shape);
  const message = issues.map((issue) => describeIssue(issue, knownParameters)).join(' ');
  return { refused: { message, parameters: [...new Set(issues.flatMap(namesIn))] } };
};
