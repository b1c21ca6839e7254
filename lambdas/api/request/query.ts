import { BadRequestError } from '@aws-lambda-powertools/event-handler/http';
import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type * as z from 'zod';
import { readQuery } from '../../front-door/read-query.ts';

/** A request whose parameters have wrong values, or names that the path does not take. */
export class InvalidParametersError extends BadRequestError {
  /** The names of the parameters that are wrong; the message says what to write. */
  readonly parameters: readonly string[];

  constructor(message: string, parameters: readonly string[]) {
    super(message);
    this.parameters = parameters;
  }
}

/** The validated query of a request. Throws an `InvalidParametersError` that names the parameter and what to write. */
export const parseQuery = <Schema extends z.ZodObject>(schema: Schema, request: Request): z.output<Schema> => {
  const read = readQuery(schema, new URL(request.url).searchParams);
  if ('refused' in read) throw new InvalidParametersError(read.refused.message, read.refused.parameters);
  return read.data;
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
