import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import Papa from 'papaparse';
import { buildOpenApi } from '../../lib/reference/openapi.ts';

/** The document as it is served, and what finds the part of it that an answer must fit. */
export const OPEN_API = buildOpenApi('1');

type Content = Readonly<Record<string, { schema: { $ref?: string; description?: string } }>>;
interface Operation {
  responses: Readonly<Record<string, { content?: Content }>>;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ ...OPEN_API, $id: 'https://toolwatch/openapi' });
const validators = new Map<string, ValidateFunction>();

const validatorOf = ($ref: string): ValidateFunction => {
  const known = validators.get($ref) ?? ajv.compile({ $ref: `https://toolwatch/openapi${$ref}` });
  validators.set($ref, known);
  return known;
};

/** Paths without parameters come first, as in the router. */
const PATHS = Object.entries(OPEN_API.paths)
  .toSorted(([one], [other]) => Number(one.includes('{')) - Number(other.includes('{')))
  .map(([path, operations]) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    operations: operations as Readonly<Record<string, Operation>>,
  }));

const typeIn = (headers: APIGatewayProxyStructuredResultV2['headers']): string =>
  String(headers?.['content-type'] ?? '').replace(/;.*/, '');

/** What a table has that its description does not say. */
const findMisfitOfTable = (csv: string, description = ''): string | undefined => {
  const [header = [], ...rows] = Papa.parse<string[]>(csv.replace(/\r\n$/, ''), {
    newline: '\r\n',
    delimiter: ',',
  }).data;
  if (!description.endsWith(` the columns ${header.join(', ')}.`)) return `the header ${header} is not described`;
  return rows.every(({ length }) => length === header.length) ? undefined : 'a row of another width than its header';
};

/** What an answer has that the document does not describe; undefined when it fits. */
export const findMisfit = (
  { rawPath, requestContext }: Pick<APIGatewayProxyEventV2, 'rawPath' | 'requestContext'>,
  { statusCode = 200, headers, body = '' }: APIGatewayProxyStructuredResultV2,
): string | undefined => {
  const method = requestContext.http.method.toLowerCase();
  if (method === 'head' || statusCode === 304) return body === '' ? undefined : 'a body where there may be none';
  // As the router reads it: without control characters at its end, and without the last slash.
  const path = new URL(`https://api${rawPath.startsWith('/') ? '' : '/'}${rawPath}`).pathname.replace(/(?<=.)\/$/, '');
  const operation = PATHS.find(({ pattern }) => pattern.test(path))?.operations[method];
  const described = operation?.responses[String(statusCode)];
  const type = typeIn(headers);
  // What no request is described for is answered with a problem too.
  const content: Content | undefined =
    described?.content ??
    (statusCode >= 400
      ? { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
      : undefined);
  const schema = content?.[type]?.schema;
  if (schema === undefined) return `${statusCode} with ${type || 'no type'} is not described`;
  if (type === 'text/csv') return findMisfitOfTable(body, schema.description);
  if (schema.$ref === undefined) return undefined;
  const validate = validatorOf(schema.$ref);
  return validate(JSON.parse(body)) ? undefined : JSON.stringify(validate.errors?.slice(0, 3));
};
