import type * as z from 'zod';
import { FIGURES, formatFigure } from '../../lambdas/contract/alert-rules/figures.ts';
import { alertRule } from '../../lambdas/contract/alert-rules/rule.ts';
import { SHIPPED_RULES, type ShippedRule } from '../../lambdas/contract/alert-rules/shipped.ts';
import { CHANGES, type Change } from '../../lambdas/contract/changes.ts';
import { ENDPOINTS, type Endpoint } from '../../lambdas/contract/endpoints.ts';
import { OPERATIONS, type Operation } from '../../lambdas/contract/operations.ts';
import { toRoute } from '../../lambdas/contract/request-names.ts';
import { SAVED_QUERIES } from '../saved-queries.ts';
import { settingsSchema } from '../settings.ts';
import { formatTable, inputTable, outputTable } from './field-table.ts';
import { READERS } from './readers.ts';

/** Every setting, as a Markdown table. */
export const settingsReference = (): string => inputTable(settingsSchema, 'Setting');

/** A paragraph in lines of at most 120 characters, as all documents have. */
const wrapParagraph = (text: string): string => text.replace(/(.{1,120})(?: +|$)/g, '$1\n').trimEnd();

const describeEndpoint = ([path, { summary, readers, query, answer, list }]: [string, Endpoint]): string => {
  const takesParameters = Object.keys(query.shape).length > 0;
  return [
    `## GET ${toRoute(path)}`,
    `${wrapParagraph(summary)}\n\nReaders: ${READERS[readers]}.`,
    ...(takesParameters ? [inputTable(query, 'Parameter')] : []),
    ...(answer ? [outputTable(answer)] : []),
    ...(list ? [`With \`format=csv\`: a row for each of \`${list}\`.`] : []),
  ].join('\n\n');
};

/** What both functions say of a request that is not for reading. */
const describeRequest = (
  name: string,
  { summary, query, body, answer }: Pick<Operation, 'summary' | 'query' | 'answer'> & { body?: z.ZodObject },
  answeredBy: 'api' | 'operate',
): string =>
  [
    `## ${toRoute(name)}`,
    `${wrapParagraph(summary)}\n\nSenders: the operator. Answered by the function ${answeredBy}.`,
    ...(query ? [inputTable(query, 'Parameter')] : []),
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

const describeShipped = ({ name, rule }: ShippedRule): string[] => {
  const {
    description = '',
    figure,
    comparison,
    threshold,
    severity,
    window_minutes,
    min_calls,
  } = alertRule.parse(rule);
  const window = window_minutes === undefined ? '' : `, in ${window_minutes} minutes`;
  const least = min_calls === 0 ? '' : `, of at least ${min_calls} calls`;
  const limit = `${FIGURES[figure].words} ${comparison.replace('_', ' ')} ${formatFigure(figure, threshold)}`;
  return [`\`${name}\``, severity, `${limit}${window}${least}`, description];
};

/** Every alert rule that ships, as a Markdown table. */
export const shippedRulesTable = (): string =>
  formatTable(['Rule', 'Severity', 'Holds while', 'Means'], SHIPPED_RULES.map(describeShipped));

/** The saved queries of Logs Insights, as a Markdown table. */
export const savedQueriesTable = (): string =>
  formatTable(
    ['Query', 'Answers', 'You write'],
    SAVED_QUERIES.map(({ name, answers, parameters = {} }) => [
      name,
      answers,
      Object.entries(parameters)
        .map(([parameter, description]) => `\`{{${parameter}}}\`: ${description.toLowerCase()}`)
        .join('; '),
    ]),
  );
