import { formatLimit } from '../../lambdas/contract/percent.ts';
import { ERROR_RATE, p95MsOf, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { ListedTool } from '../listed-tool.ts';

/** The tools as a Markdown table, for a reader who chooses between them. */
export const formatToolTable = (tools: readonly ListedTool[]): string =>
  [
    '| Tool | What it does | Changes anything? | Depends on | Slow above | Fails above |',
    '| --- | --- | --- | --- | --- | --- |',
    ...tools.map(({ facts }) => formatRow(facts)),
  ].join('\n');

const formatRow = (facts: ToolFacts): string => {
  const { name, description, readOnly, idempotent, provider, asksApi, alarms } = facts;
  const source = `[\`${name}\`](lambdas/tools/${name.replaceAll('_', '-')}.ts)`;
  const dependency = provider ?? (asksApi ? 'its own telemetry' : '–');
  const cells = [
    source,
    firstSentenceOf(description),
    formatChanges(readOnly, idempotent),
    dependency,
    `${p95MsOf(facts) / 1_000} s`,
    formatLimit(alarms.errorRate ?? ERROR_RATE),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
};

const formatChanges = (readOnly: boolean, idempotent = false): string => {
  if (readOnly) return 'no';
  return idempotent ? 'yes, once' : 'yes';
};

const firstSentenceOf = (text: string): string => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;

/** 0.02 → `2 %`, without the digits that binary fractions add. */
