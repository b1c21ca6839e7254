import { BadRequestError } from '@aws-lambda-powertools/event-handler/http';
import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import * as z from 'zod';

/** A request whose parameters have wrong values, or names that the path does not take. */
export class InvalidParametersError extends BadRequestError {
  /** The names of the parameters that are wrong; the message says what to write. */
  readonly parameters: readonly string[];

  constructor(message: string, parameters: readonly string[]) {
    super(message);
    this.parameters = parameters;
  }
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

const describeIssue = (issue: z.core.$ZodIssue, knownParameters: string[]): string => {
  if (issue.code !== 'unrecognized_keys') return `Parameter ${issue.path.join('.')}: ${issue.message}.`;
  const known =
    knownParameters.length > 0 ? `this path takes ${knownParameters.join(', ')}` : 'this path takes no parameters';
  return `Unknown parameter ${issue.keys.join(', ')}: ${known}.`;
};

const namesIn = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];

/** The validated query of a request. Throws an `InvalidParametersError` that names the parameter and what to write. */
export const parseQuery = <Schema extends z.ZodObject>(schema: Schema, request: Request): z.output<Schema> => {
  const given = [...new URL(request.url).searchParams];
  const repeated = given.find(([name], index) => given.findIndex(([other]) => other === name) !== index)?.[0];
  if (repeated !== undefined)
    throw new InvalidParametersError(`Parameter ${repeated}: it is there twice; write it once.`, [repeated]);
  const parsed = schema.safeParse(
    Object.fromEntries(given.map(([name, text]) => [name, readText(schema.shape[name], text)])),
  );
  if (parsed.success) return parsed.data;
  // One sentence for each parameter: what follows from the first mistake in it helps nobody.
  const paths = parsed.error.issues.map(({ path }) => String(path));
  const issues = parsed.error.issues.filter((_, index) => paths.indexOf(paths[index] ?? '') === index);
  const knownParameters = Object.keys(schema.shape);
  throw new InvalidParametersError(issues.map((issue) => describeIssue(issue, knownParameters)).join(' '), [
    ...new Set(issues.flatMap(namesIn)),
  ]);
};

/** The parameter of this name in the path, as its schema reads it. Throws an `InvalidParametersError`. */
export const parsePath = (
  schema: z.ZodType<string>,
  parameter: 'id' | 'name',
  { params }: Pick<RequestContext, 'params'>,
): string => {
  const parsed = schema.safeParse(params[parameter]);
  if (parsed.success) return parsed.data;
  throw new InvalidParametersError(`Parameter ${parameter}: ${parsed.error.issues[0]?.message}.`, [parameter]);
};
