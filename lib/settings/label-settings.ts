import * as z from 'zod';
import { type LabelRule, labelsByRules } from '../../lambdas/contract/label-rules.ts';
import type { ListedTool } from '../listed-tool.ts';

const label = z.string().min(1).max(64);

export const labelRuleSettings = z
  .array(
    z.strictObject({
      prefix: label.describe("What the tool's name begins with."),
      gptName: label.optional().describe('The GPT or agent that such tools belong to.'),
      provider: label.optional().describe('The provider that such tools depend on.'),
      domain: label.optional().describe('The shop or system that such tools call.'),
    }),
  )
  .default([])
  .describe(
    'Labels of tools whose facts and calls do not state them, by the beginning of their names. The longest prefix ' +
      'that states a label counts.',
  );

/** Lambda allows 4,096 bytes for all variables of a function. */
const MAX_RULES_BYTES = 2_048;

/** Rules that contradict each other, say nothing or do not fit, each in a sentence that says what to write. */
export function validateLabelRules(rules: readonly LabelRule[]): string[] {
  const prefixes = rules.map(({ prefix }) => prefix);
  const repeated = prefixes.find((prefix, index) => prefixes.indexOf(prefix) !== index);
  const empty = rules.find(({ gptName, provider, domain }) => !(gptName ?? provider ?? domain));
  return [
    ...(repeated === undefined ? [] : [`Setting labelRules: ${repeated} is listed twice; write it once.`]),
    ...(empty ? [`Setting labelRules: ${empty.prefix} labels nothing; write gptName, provider or domain.`] : []),
    ...(Buffer.byteLength(JSON.stringify(rules)) > MAX_RULES_BYTES
      ? [`Setting labelRules: the rules have more than ${MAX_RULES_BYTES} bytes as JSON; write fewer.`]
      : []),
  ];
}

/** The tools as their functions label them, so that alarms look where the lines are counted. */
export const labelTools = (tools: readonly ListedTool[], rules: readonly LabelRule[]): ListedTool[] =>
  tools.map(({ facts, ...tool }) => ({ ...tool, facts: { ...labelsByRules(facts.name, rules), ...facts } }));
