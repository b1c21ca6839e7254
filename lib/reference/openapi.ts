import * as z from 'zod';
import { listedCall, wholeCall } from '../../lambdas/contract/api/calls.ts';
import { incident } from '../../lambdas/contract/api/incidents.ts';
import { session } from '../../lambdas/contract/api/sessions.ts';
import { CHANGES, type Change } from '../../lambdas/contract/changes.ts';
import { nameOfColumn } from '../../lambdas/contract/columns.ts';
import { ENDPOINTS, type Endpoint } from '../../lambdas/contract/endpoints.ts';
import { errorGroup } from '../../lambdas/contract/error-groups.ts';
import { bulkReplay } from '../../lambdas/contract/jobs/bulk-replay.ts';
import { listedJob, pause } from '../../lambdas/contract/jobs/reports.ts';
import { type ListTable, listTableOf } from '../../lambdas/contract/list-table.ts';
import { OPERATIONS, type Operation } from '../../lambdas/contract/operations.ts';
import { PROBLEM_TYPE, problem } from '../../lambdas/contract/problem.ts';
import { deploymentNote, toolHealth, toolSinceDeployment } from '../../lambdas/contract/reports.ts';
import { splitRequestName, toRoute } from '../../lambdas/contract/request-names.ts';
import { READERS } from './readers.ts';

type Json = Record<string, unknown>;

/** One request that can be sent, whichever function answers it. */
interface ApiRequest {
  readonly method: string;
  /** With parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly senders: string;
  readonly answeredBy: 'api' | 'operate';
  readonly query?: z.ZodObject | undefined;
  readonly body?: z.ZodObject | undefined;
  readonly answer?: z.ZodObject | undefined;
  /** Of an answer that can be had as CSV, where its list is. */
  readonly list?: string | undefined;
  /** What is answered where it is not JSON. */
  readonly mediaTypes?: readonly string[] | undefined;
}

/** Schemas that many answers share, by the names that the document gives them. */
const SHARED: Readonly<Record<string, z.ZodObject>> = {
  Problem: problem,
  ToolHealth: toolHealth,
  ToolSinceDeployment: toolSinceDeployment,
  DeploymentNote: deploymentNote,
  Call: listedCall,
  WholeCall: wholeCall,
  ErrorGroup: errorGroup,
  Incident: incident,
  Session: session,
  Job: listedJob,
  JobPause: pause,
  JobBulkReplay: bulkReplay,
};

/** What is answered where no schema describes it. */
const MEDIA_TYPES: Readonly<Record<string, readonly string[]>> = {
  '/': ['text/html'],
  '/reference': ['text/html'],
  '/metrics': ['text/plain', 'application/openmetrics-text'],
  '/v1/jobs/:id/payload': ['text/plain', 'application/json'],
};

const hasFields = (schema: z.ZodObject | undefined): schema is z.ZodObject =>
  schema !== undefined && Object.keys(schema.shape).length > 0;

/** Every request of the api function and of the function operate. */
export const listRequests = (): ApiRequest[] => {
  const split = (key: string): Pick<ApiRequest, 'method' | 'path'> => {
    const [method, path] = splitRequestName(key as `GET /${string}`);
    return { method, path };
  };
  const reads = Object.entries<Endpoint>(ENDPOINTS).map(([path, { readers, ...endpoint }]) => ({
    ...endpoint,
    ...{ method: 'GET', path, senders: READERS[readers], answeredBy: 'api' as const, mediaTypes: MEDIA_TYPES[path] },
  }));
  const changes = Object.entries<Change>(CHANGES).map(([key, change]) => ({
    ...change,
    ...{ ...split(key), senders: READERS.operator, answeredBy: 'api' as const },
  }));
  const operations = Object.entries<Operation>(OPERATIONS).map(([key, operation]) => ({
    ...operation,
    ...{ ...split(key), senders: READERS.operator, answeredBy: 'operate' as const },
  }));
  return [...reads, ...changes, ...operations];
};

/** `GET /v1/tools/:name/trend` is `getToolsNameTrend`. */
const operationIdOf = ({ method, path }: ApiRequest): string =>
  method.toLowerCase() +
  path
    .replace(/^\/v1(?=\/)/, '')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const REFERENCE = '#/components/schemas/';

/** Puts what zod shares between schemas among the components, and leaves out what only a document of its own needs. */
const toComponents = (schemas: Record<string, Json>): Record<string, Json> => {
  const { __shared, ...named } = schemas;
  const shared = Object.entries((__shared?.$defs ?? {}) as Record<string, Json>);
  const components = { ...named, ...Object.fromEntries(shared.map(([name, schema]) => [`Shared_${name}`, schema])) };
  const text = JSON.stringify(components).replaceAll(`${REFERENCE}__shared#/$defs/`, `${REFERENCE}Shared_`);
  return Object.fromEntries(
    Object.entries<Json>(JSON.parse(text)).map(([name, { $schema, $id, ...schema }]) => [name, schema]),
  );
};

/** The JSON Schemas of all of them, by name, each of which refers to the others by their names. */
const describeSchemas = (
  schemas: ReadonlyMap<z.ZodType, string>,
  io: 'input' | 'output',
  suffix: string,
): Record<string, Json> => {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of schemas) registry.add(schema, { id });
  const { schemas: described } = z.toJSONSchema(registry, {
    ...{ target: 'draft-2020-12', io, unrepresentable: 'any' },
    uri: (id) => `${REFERENCE}${id}`,
  });
  const components = toComponents(described as Record<string, Json>);
  if (suffix === '') return components;
  const text = JSON.stringify(components).replaceAll(`${REFERENCE}Shared_`, `${REFERENCE}Shared${suffix}_`);
  return Object.fromEntries(
    Object.entries<Json>(JSON.parse(text)).map(([name, schema]) => [
      name.replace(/^Shared_/, `Shared${suffix}_`),
      schema,
    ]),
  );
};

const parametersOf = ({ path, query }: ApiRequest): Json[] => {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
    description: name === 'name' ? 'A name, percent-encoded.' : 'An id, percent-encoded.',
  }));
  if (!hasFields(query)) return inPath;
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  const inQuery = Object.entries(properties as Record<string, Json>).map(([name, { description, ...schema }]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
    ...(description !== undefined && { description }),
  }));
  return [...inPath, ...inQuery];
};

const HEADERS = {
  'x-correlation-id': { description: 'The id of the request in the log.', schema: { type: 'string' } },
};
const READ_HEADERS = {
  ...HEADERS,
  etag: { description: 'Identifies the content, for the header If-None-Match.', schema: { type: 'string' } },
};
const reference = (name: string): Json => ({ $ref: `${REFERENCE}${name}` });

interface Names {
  readonly answers: ReadonlyMap<z.ZodType, string>;
  readonly bodies: ReadonlyMap<z.ZodType, string>;
}

const describeTable = ({ place, columns }: ListTable): string =>
  `With \`format=csv\`: a row for each of \`${place.join('.')}\`, with the columns ${columns.map(nameOfColumn).join(', ')}.`;

/** What the headers of a list in CSV say beside those of every answer. */
const CSV_HEADERS = {
  link: {
    description: 'With `format=csv`: `rel="next"` is where the rows that follow are.',
    schema: { type: 'string' },
  },
  'content-disposition': { description: 'With `format=csv`: the name of the file.', schema: { type: 'string' } },
};

const headersOf = ({ method, answeredBy, list }: ApiRequest): Json => {
  if (method !== 'GET' || answeredBy !== 'api') return HEADERS;
  return list === undefined ? READ_HEADERS : { ...READ_HEADERS, ...CSV_HEADERS };
};

const contentOf = (request: ApiRequest, { answers }: Names): Json => {
  const { answer, mediaTypes } = request;
  if (answer === undefined)
    return mediaTypes
      ? Object.fromEntries(mediaTypes.map((type) => [type, { schema: { type: 'string' } }]))
      : { 'application/json': { schema: {} } };
  const table = listTableOf(request);
  return {
    'application/json': { schema: reference(answers.get(answer) ?? '') },
    ...(table && { 'text/csv': { schema: { type: 'string', description: describeTable(table) } } }),
  };
};

const describeRequest = (request: ApiRequest, names: Names): Json => {
  const { method, path, summary, senders, answeredBy, body } = request;
  const isRead = method === 'GET' && answeredBy === 'api';
  const content = contentOf(request, names);
  const parameters = parametersOf(request);
  return {
    ...{ operationId: operationIdOf(request), summary, tags: [path.split('/')[2] || 'page'] },
    description: `${isRead ? 'Readers' : 'Senders'}: ${senders}. Answered by the function ${answeredBy}.`,
    ...(parameters.length > 0 && { parameters }),
    ...(hasFields(body) && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference(names.bodies.get(body) ?? '') } },
      },
    }),
    responses: {
      200: { description: 'As asked for.', headers: headersOf(request), content },
      ...(isRead && { 304: { description: 'As the header If-None-Match says, nothing has changed.' } }),
      ...(['/health', '/health/ready'].includes(path) && { 503: { description: 'Unhealthy.', content } }),
      default: {
        description: 'Why there is no such answer.',
        content: { [PROBLEM_TYPE]: { schema: reference('Problem') } },
      },
    },
  };
};

const DESCRIPTION =
  'What Toolwatch answers: reads and changes of the store by the function api, and what needs AWS by the function ' +
  'operate. GET is answered as HEAD too, without the body. Times are ISO 8601 in UTC.';

/** The OpenAPI document of every request, made from the schemas that requests and answers are checked by. */
export const buildOpenApi = (version: string) => {
  const requests = listRequests();
  const answers = new Map<z.ZodType, string>(Object.entries(SHARED).map(([name, schema]) => [schema, name]));
  const bodies = new Map<z.ZodType, string>();
  for (const request of requests) {
    const name = capitalize(operationIdOf(request));
    if (request.answer && !answers.has(request.answer)) answers.set(request.answer, `${name}Answer`);
    if (hasFields(request.body) && !bodies.has(request.body)) bodies.set(request.body, `${name}Body`);
  }
  const names: Names = { answers, bodies };
  const paths: Record<string, Json> = {};
  for (const request of requests) {
    const path = toRoute(request.path);
    paths[path] = { ...paths[path], [request.method.toLowerCase()]: describeRequest(request, names) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Toolwatch', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { iam: [] }],
    paths,
    components: {
      schemas: { ...describeSchemas(answers, 'output', ''), ...describeSchemas(bodies, 'input', 'Input') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Where frontDoor takes tokens.' },
        iam: {
          ...{ type: 'apiKey', in: 'header', name: 'authorization' },
          description: 'A signature of AWS (version 4), where frontDoor is iam.',
        },
      },
    },
  };
};
