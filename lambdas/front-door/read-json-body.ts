import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';

/** A body that is not what the request needs: the HTTP status, a sentence for each field, and the fields' names. */
export interface RefusedBody {
  readonly status: 400 | 413;
  readonly message: string;
  readonly parameters: readonly string[];
}

/** The largest body that is read, in bytes: a hundred times what any change needs. */
const MAX_BODY_BYTES = 262_144;
/** How much longer a text is in base64 than the bytes that it stands for, at most. */
const BASE64_FACTOR = 2;
const NO_OBJECT = 'The body: write a JSON object.';

/** Undefined for a body that is too large. */
const textOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string | undefined => {
  if (Buffer.byteLength(body) > BASE64_FACTOR * MAX_BODY_BYTES) return undefined;
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  return Buffer.byteLength(text) > MAX_BODY_BYTES ? undefined : text;
};

const pathOf = ({ path }: z.core.$ZodIssue): string => path.map(String).join('.');

/** The names of the fields that an issue is about; none when it is about the body as a whole. */
const namesIn = (issue: z.core.$ZodIssue): string[] => {
  const at = pathOf(issue);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => (at ? `${at}.${name}` : name));
  return at === '' ? [] : [at];
};

const describeIssue = (issue: z.core.$ZodIssue): string => {
  const names = namesIn(issue).join(', ');
  if (names === '') return NO_OBJECT;
  return issue.code === 'unrecognized_keys'
    ? `Unknown field ${names}: leave it out.`
    : `Field ${names}: ${issue.message}.`;
};

/** The body of a request in JSON, as a schema reads it; without a body, as it reads an empty object. */
export const readJsonBody = <Schema extends z.ZodType>(
  schema: Schema,
  event: APIGatewayProxyEventV2,
): { readonly data: z.output<Schema> } | { readonly refused: RefusedBody } => {
  const text = textOf(event);
  if (text === undefined) {
    const message = `The body is larger than ${MAX_BODY_BYTES} bytes.`;
    return { refused: { status: 413, message, parameters: [] } };
  }
  const isEmpty = text.trim() === '';
  const parsed = schema.safeParse(isEmpty ? {} : parseJson(text));
  if (parsed.success) return { data: parsed.data };
  if (isEmpty) return { refused: { status: 400, message: NO_OBJECT, parameters: [] } };
  // One sentence for each field: what follows from the first mistake in it helps nobody.
  const paths = parsed.error.issues.map(pathOf);
  const issues = parsed.error.issues.filter((_, index) => paths.indexOf(paths[index] ?? '') === index);
  const message = issues.map(describeIssue).join(' ');
  return { refused: { status: 400, message, parameters: [...new Set(issues.flatMap(namesIn))] } };
};
