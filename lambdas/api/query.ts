import { BadRequestError } from '@aws-lambda-powertools/event-handler/http';
import type * as z from 'zod';

const describeIssue = (issue: z.core.$ZodIssue, knownParameters: string[]): string => {
  if (issue.code !== 'unrecognized_keys') return `Parameter ${issue.path.join('.')}: ${issue.message}.`;
  const known =
    knownParameters.length > 0 ? `this path takes ${knownParameters.join(', ')}` : 'this path takes no parameters';
  return `Unknown parameter ${issue.keys.join(', ')}: ${known}.`;
};

/** The validated query of a request. Throws a `BadRequestError` that names the parameter and what to write. */
export const parseQuery = <Schema extends z.ZodObject>(schema: Schema, request: Request): z.output<Schema> => {
  const parsed = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (parsed.success) return parsed.data;
  const knownParameters = Object.keys(schema.shape);
  throw new BadRequestError(parsed.error.issues.map((issue) => describeIssue(issue, knownParameters)).join(' '));
};
