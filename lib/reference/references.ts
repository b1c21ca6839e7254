import { ENDPOINTS, type Endpoint } from '../../lambdas/contract/endpoints.ts';
import { settingsSchema } from '../settings.ts';
import { inputTable, outputTable } from './field-table.ts';

/** Every setting, as a Markdown table. */
export const settingsReference = (): string => inputTable(settingsSchema, 'Setting');

const READERS: Readonly<Record<Endpoint['readers'], string>> = {
  anyone: 'anyone whom the front door admits',
  tenant: 'a tenant, its own calls; the operator, all calls',
  operator: 'the operator',
};

const describeEndpoint = ([path, { summary, readers, query, answer }]: [string, Endpoint]): string => {
  const takesParameters = Object.keys(query.shape).length > 0;
  return [
    `## GET ${path.replace(/:(\w+)/, '{$1}')}`,
    `${summary}\n\nReaders: ${READERS[readers]}.`,
    ...(takesParameters ? [inputTable(query, 'Parameter')] : []),
    ...(answer ? [outputTable(answer)] : []),
  ].join('\n\n');
};

/** Every path of the API with its parameters and the fields of its answer, in Markdown. */
export const apiReference = (): string => Object.entries(ENDPOINTS).map(describeEndpoint).join('\n\n');
