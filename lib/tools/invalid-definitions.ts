import { ERROR_RATE, P95_MS, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { TAG_VALUE, WRITE_TAG_VALUE } from '../settings/tag-value.ts';

/** Lambda's own, in characters. */
const LONGEST_FUNCTION_NAME = 64;

type Facts = MonitoredTool & Partial<Pick<ToolFacts, 'timeoutSeconds'>>;

interface Demand {
  /** True when the fact is as it must be. Facts that may be left out are asked for with their value. */
  holds(facts: Facts): boolean;
  said(facts: Facts): unknown;
  what: string;
  write: string;
}

const isWhole = (value: number, least: number, most = Number.MAX_SAFE_INTEGER) =>
  Number.isInteger(value) && value >= least && value <= most;

/** What alarms must be made of: with anything else one of them could never fire, or never rest. */
const DEMANDS: readonly Demand[] = [
  {
    what: 'alarms.errorRate',
    said: ({ alarms }) => alarms.errorRate,
    holds: ({ alarms: { errorRate = ERROR_RATE } }) => errorRate > 0 && errorRate < 1,
    write: 'write a share above 0 and below 1, such as 0.02',
  },
  {
    what: 'alarms.p95Ms',
    said: ({ alarms: { p95Ms = P95_MS } }) => p95Ms,
    holds: ({ alarms: { p95Ms = P95_MS }, timeoutSeconds }) =>
      p95Ms > 0 && (timeoutSeconds === undefined || p95Ms < timeoutSeconds * 1_000),
    write: 'write milliseconds above 0 and below its timeout',
  },
  {
    what: 'alarms.criticalP95Ms',
    said: ({ alarms }) => alarms.criticalP95Ms,
    holds: ({ alarms: { p95Ms = P95_MS, criticalP95Ms }, timeoutSeconds }) =>
      criticalP95Ms === undefined ||
      (criticalP95Ms >= p95Ms && (timeoutSeconds === undefined || criticalP95Ms < timeoutSeconds * 1_000)),
    write: 'write milliseconds from p95Ms on and below its timeout',
  },
  {
    what: 'alarms.minCalls',
    said: ({ alarms }) => alarms.minCalls,
    holds: ({ alarms: { minCalls = 1 } }) => isWhole(minCalls, 1),
    write: 'write a whole number from 1',
  },
  {
    what: 'alarms.minErrors',
    said: ({ alarms }) => alarms.minErrors,
    holds: ({ alarms: { minErrors = 1 } }) => isWhole(minErrors, 1),
    write: 'write a whole number from 1',
  },
  {
    what: 'alarms.silentAfterMinutes',
    said: ({ alarms }) => alarms.silentAfterMinutes,
    holds: ({ alarms: { silentAfterMinutes = 5 } }) => isWhole(silentAfterMinutes, 5, 1_440),
    write: 'write whole minutes, 5 to 1440',
  },
  {
    what: 'alarms.objective',
    said: ({ alarms }) => alarms.objective,
    holds: ({ alarms: { objective = 0.99 } }) => objective >= 0.95 && objective <= 0.9999,
    write: 'an objective is 0.95 to 0.9999, such as 0.99',
  },
  {
    what: 'alarms.owner',
    said: ({ alarms }) => alarms.owner,
    holds: ({ alarms: { owner = 'platform' } }) => owner !== '' && TAG_VALUE.test(owner),
    write: WRITE_TAG_VALUE,
  },
];

/** What is wrong with tools' facts, in sentences that say what to write; none when all is well. */
export const invalidToolDefinitions = (tools: readonly Facts[]): string[] => {
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return [
    ...(twice === undefined ? [] : [`The tool ${twice} stands in the list twice; give one of both another name.`]),
    ...tools.flatMap((facts) =>
      DEMANDS.filter(({ holds }) => !holds(facts)).map(
        ({ what, said, write }) => `The tool ${facts.name}: ${what} is ${said(facts)}; ${write}.`,
      ),
    ),
  ];
};

/** The tools whose functions could not be named, in sentences that say what to write. */
export const findOverlongFunctionNames = (prefix: string, tools: readonly Pick<Facts, 'name'>[]): string[] =>
  tools
    .map(({ name }) => `${prefix}${name}`)
    .filter((name) => name.length > LONGEST_FUNCTION_NAME)
    .map(
      (name) =>
        `Setting service: the function ${name} would have ${name.length} characters in its name, and Lambda takes ${LONGEST_FUNCTION_NAME}; write a shorter service, or a shorter name of the tool.`,
    );

/** The values given for variables that no tool reads, in sentences that say which ones tools do read. */
export const findUnreadToolSettings = (
  given: Readonly<Record<string, string>>,
  tools: readonly Pick<ToolFacts, 'settings'>[],
): string[] => {
  const read = [...new Set(tools.flatMap(({ settings = [] }) => settings))];
  return Object.keys(given)
    .filter((variable) => !read.includes(variable))
    .map(
      (variable) =>
        `Setting toolSettings.${variable}: no tool reads it; ${read.length > 0 ? `tools read ${read.join(', ')}` : 'tools read none'}. Leave it out, or name it in the facts of the tool that is to read it.`,
    );
};
