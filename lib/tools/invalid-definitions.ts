import { METRIC_NAME } from '../../lambdas/contract/emitted-metrics.ts';
import { ERROR_RATE, p95MsOf, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { TAG_VALUE, WRITE_TAG_VALUE } from '../settings/tag-value.ts';

/** Lambda's limit, in characters. */
const MAX_FUNCTION_NAME = 64;

/** As the name of a tool, but it may be of several words. */
const PROVIDER_NAME = /^[A-Za-z0-9_][A-Za-z0-9_. -]{0,63}$/;

type Facts = MonitoredTool & Partial<Pick<ToolFacts, 'timeoutSeconds'>>;

export interface Constraint<Checked> {
  readonly field: string;
  value(facts: Checked): unknown;
  /** Whether the value is valid. A field that is left out counts with its default. */
  holds(facts: Checked): boolean;
  /** What to write instead. */
  readonly remedy: string;
}

export const isWhole = (value: number, min: number, max = Number.MAX_SAFE_INTEGER) =>
  Number.isInteger(value) && value >= min && value <= max;

/** With any other value an alarm could never fire, would never stop firing, or could not be deployed. */
const CONSTRAINTS: readonly Constraint<Facts>[] = [
  {
    field: 'name',
    value: ({ name }) => JSON.stringify(name),
    holds: ({ name }) => METRIC_NAME.test(name),
    remedy: 'write at most 64 characters of A to Z, a to z, 0 to 9, _ . -, as on its lines',
  },
  {
    field: 'provider',
    value: ({ provider }) => JSON.stringify(provider),
    holds: ({ provider = 'any' }) => PROVIDER_NAME.test(provider),
    remedy: 'write at most 64 characters of A to Z, a to z, 0 to 9, _ . - and spaces, as on its lines',
  },
  {
    field: 'alarms.errorRate',
    value: ({ alarms }) => alarms.errorRate,
    holds: ({ alarms: { errorRate = ERROR_RATE } }) => errorRate > 0 && errorRate < 1,
    remedy: 'write a share above 0 and below 1, such as 0.02',
  },
  {
    field: 'alarms.p95Ms',
    value: p95MsOf,
    holds: (facts) => {
      const p95Ms = p95MsOf(facts);
      return p95Ms > 0 && (facts.timeoutSeconds === undefined || p95Ms < facts.timeoutSeconds * 1_000);
    },
    remedy: 'write milliseconds above 0 and below its timeout',
  },
  {
    field: 'alarms.criticalP95Ms',
    value: ({ alarms }) => alarms.criticalP95Ms,
    holds: (facts) => {
      const { alarms, timeoutSeconds } = facts;
      const { criticalP95Ms } = alarms;
      return (
        criticalP95Ms === undefined ||
        (criticalP95Ms >= p95MsOf(facts) && (timeoutSeconds === undefined || criticalP95Ms < timeoutSeconds * 1_000))
      );
    },
    remedy: 'write milliseconds not below p95Ms, and below its timeout',
  },
  {
    field: 'alarms.minCalls',
    value: ({ alarms }) => alarms.minCalls,
    holds: ({ alarms: { minCalls = 1 } }) => isWhole(minCalls, 1),
    remedy: 'write a whole number from 1',
  },
  {
    field: 'alarms.minErrors',
    value: ({ alarms }) => alarms.minErrors,
    holds: ({ alarms: { minErrors = 1 } }) => isWhole(minErrors, 1),
    remedy: 'write a whole number from 1',
  },
  {
    field: 'alarms.silentAfterMinutes',
    value: ({ alarms }) => alarms.silentAfterMinutes,
    holds: ({ alarms: { silentAfterMinutes = 5 } }) => isWhole(silentAfterMinutes, 5, 1_440),
    remedy: 'write whole minutes, 5 to 1440',
  },
  {
    field: 'alarms.objective',
    value: ({ alarms }) => alarms.objective,
    holds: ({ alarms: { objective = 0.99 } }) => objective >= 0.95 && objective <= 0.9999,
    remedy: 'write a share from 0.95 to 0.9999, such as 0.99',
  },
  {
    field: 'alarms.owner',
    value: ({ alarms }) => alarms.owner,
    holds: ({ alarms: { owner = 'platform' } }) => owner !== '' && TAG_VALUE.test(owner),
    remedy: WRITE_TAG_VALUE,
  },
];

/** The constraints that do not hold for a tool, in sentences that say what to write. */
export const describeInvalid = <Checked extends { readonly name: string }>(
  facts: Checked,
  constraints: readonly Constraint<Checked>[],
): string[] =>
  constraints
    .filter((constraint) => !constraint.holds(facts))
    .map(({ field, value, remedy }) => `The tool ${facts.name}: ${field} is ${value(facts)}; ${remedy}.`);

/** Invalid facts of tools, in sentences that say what to write. */
export const invalidToolDefinitions = (tools: readonly Facts[]): string[] => {
  const names = tools.map(({ name }) => name);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  return [
    ...(duplicate === undefined ? [] : [`The tool ${duplicate} is listed twice; rename one of the two.`]),
    ...tools.flatMap((facts) => describeInvalid(facts, CONSTRAINTS)),
  ];
};

/** The tools whose functions would have too long a name, in sentences that say what to write. */
export const findOverlongFunctionNames = (prefix: string, tools: readonly Pick<Facts, 'name'>[]): string[] =>
  tools
    .map(({ name }) => `${prefix}${name}`)
    .filter((name) => name.length > MAX_FUNCTION_NAME)
    .map(
      (name) =>
        `Setting service: the function name ${name} would have ${name.length} characters, and Lambda allows ` +
        `${MAX_FUNCTION_NAME}; write a shorter service or environment, or a shorter name of the tool.`,
    );

/** The variables that tools read and that have no value, each in a sentence that says where to write it. */
export const findMissingToolSettings = (
  given: Readonly<Record<string, string>>,
  tools: readonly Pick<ToolFacts, 'name' | 'settings'>[],
): string[] =>
  tools.flatMap(({ name, settings = [] }) =>
    settings
      .filter((variable) => given[variable] === undefined)
      .map(
        (variable) =>
          `Setting toolSettings.${variable}: the tool ${name} reads it; write its value under toolSettings.`,
      ),
  );

/** The values for variables that no tool reads, in sentences that name those that tools do read. */
export const findUnreadToolSettings = (
  given: Readonly<Record<string, string>>,
  tools: readonly Pick<ToolFacts, 'settings'>[],
): string[] => {
  const read = [...new Set(tools.flatMap(({ settings = [] }) => settings))];
  const readByTools = read.length > 0 ? `tools read ${read.join(', ')}` : 'tools read no variables';
  return Object.keys(given)
    .filter((variable) => !read.includes(variable))
    .map(
      (variable) =>
        `Setting toolSettings.${variable}: no tool reads it; ${readByTools}. ` +
        `Leave it out, or name it in the settings of a tool's facts.`,
    );
};
