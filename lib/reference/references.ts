import type * as z from 'zod';
import { CHANGES, type Change } from '../../lambdas/contract/changes.ts';
import { ENDPOINTS, type Endpoint } from '../../lambdas/contract/endpoints.ts';
import { OPERATIONS, type Operation } from '../../lambdas/contract/operations.ts';
import { settingsSchema } from '../settings.ts';
import { inputTable, outputTable } from './field-table.ts';

/** Every setting, as a Markdown table. */
export const settingsReference = (): string => inputTable(settingsSchema, 'Setting');

const READERS: Readonly<Record<Endpoint['readers'], string>> = {
  anyone: 'anyone whom the front door admits',
  tenant: 'a tenant, its own calls; the operator, all calls',
  operator: 'the operator',
};

const writePath = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

const describeEndpoint = ([path, { summary, readers, query, answer }]: [string, Endpoint]): string => {
  const takesParameters = Object.keys(query.shape).length > 0;
  return [
    `## GET ${writePath(path)}`,
    `${summary}\n\nReaders: ${READERS[readers]}.`,
    ...(takesParameters ? [inputTable(query, 'Parameter')] : []),
    ...(answer ? [outputTable(answer)] : []),
  ].join('\n\n');
};

/** What both functions say of a request that is not for reading. */
const describeRequest = (
  name: string,
  { summary, body, answer }: { summary: string; body?: z.ZodObject; answer: z.ZodObject },
  answeredBy: 'api' | 'operate',
): string =>
  [
    `## ${writePath(name)}`,
    `${summary}\n\nSenders: the operator. Answered by the function ${answeredBy}.`,
    ...(body && Object.keys(body.shape).length > 0 ? [inputTable(body, 'Field')] : []),
    outputTable(answer),
  ].join('\n\n');

/** Every path of the API with what it takes and the fields of its answer, in Markdown. */
export const apiReference = (): string =>
  [
    ...Object.entries<Endpoint>(ENDPOINTS).map(describeEndpoint),
    ...Object.entries<Change>(CHANGES).map(([name, change]) => describeRequest(name, change, 'api')),
    ...Object.entries<Operation>(OPERATIONS).map(([name, operation]) => describeRequest(name, operation, 'operate')),
  ].join('\n\n');
