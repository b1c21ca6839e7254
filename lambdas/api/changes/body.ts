import { RequestEntityTooLargeError } from '@aws-lambda-powertools/event-handler/http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { parseJson } from '../../contract/parse-json.ts';
import { InvalidParametersError } from '../query.ts';

/** The largest body that is read, in bytes: a hundred times what any change needs. */
const MAX_BODY_BYTES = 262_144;

const refuseSize = () => new RequestEntityTooLargeError(`The body is larger than ${MAX_BODY_BYTES} bytes.`);

const readBody = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string => {
  if (Buffer.byteLength(body) > 2 * MAX_BODY_BYTES) throw refuseSize();
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) throw refuseSize();
  return text;
};

const pathOf = ({ path }: z.core.$ZodIssue): string => path.map(String).join('.');

const describeIssue = (issue: z.core.$ZodIssue): string => {
  const at = pathOf(issue);
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((name) => (at ? `${at}.${name}` : name)).join(', ');
    return `Unknown field ${names}: leave it out.`;
  }
  if (at === '') return 'The body: write a JSON object.';
  return `Field ${at}: ${issue.message}.`;
};

const namesIn = (issue: z.core.$ZodIssue): string[] => {
  const at = pathOf(issue);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => (at ? `${at}.${name}` : name));
  return at === '' ? [] : [at];
};

/** The validated body of a request. Throws an `InvalidParametersError` that names each field and what to write. */
export const parseBody = <Schema extends z.ZodType>(
  schema: Schema,
  event: APIGatewayProxyEventV2,
): z.output<Schema> => {
  const parsed = schema.safeParse(parseJson(readBody(event)));
  if (parsed.success) return parsed.data;
  // One sentence for each field: what follows from the first mistake in it helps nobody.
  const paths = parsed.error.issues.map(pathOf);
  const issues = parsed.error.issues.filter((_, index) => paths.indexOf(paths[index] ?? '') === index);
  throw new InvalidParametersError(issues.map(describeIssue).join(' '), [...new Set(issues.flatMap(namesIn))]);
};
