import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';
import { RefusedRequest } from './errors.ts';

/** Far above what any operation needs, in bytes. */
const MAX_BODY = 65_536;

const textOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;

const nameOf = ({ path, ...issue }: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : path.map(String).join('.');

const describe = (issue: z.core.$ZodIssue, known: readonly string[]): string => {
  if (issue.code !== 'unrecognized_keys') return `${nameOf(issue)}: ${issue.message}.`;
  const takes = known.length > 0 ? `this request takes ${known.join(', ')}` : 'this request takes nothing';
  return `Unknown field ${nameOf(issue)}: ${takes}.`;
};

/**
 * What a request says, as the schema reads it; a request without a body says nothing. Throws a `RefusedRequest` that names
 * each field that must be written differently.
 */
export const readBody = <Schema extends z.ZodObject>(
  schema: Schema,
  event: APIGatewayProxyEventV2,
): z.output<Schema> => {
  const text = textOf(event);
  if (Buffer.byteLength(text) > MAX_BODY)
    throw new RefusedRequest(400, `The body has more than ${MAX_BODY} bytes. Write less.`);
  const value = text.trim() === '' ? {} : parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RefusedRequest(400, 'The body is no JSON object. Write one, such as {"title": "…"}.');
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape);
  // One sentence for each field: what follows from the first mistake in it helps nobody.
  const names = parsed.error.issues.map(nameOf);
  const issues = parsed.error.issues.filter((issue, index) => names.indexOf(nameOf(issue)) === index);
  const sentences = issues.map((issue) => describe(issue, known));
  throw new RefusedRequest(400, sentences.join(' '), [...new Set(names)]);
};
