import { ERROR_RATE, P95_MS, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { ListedTool } from '../listed-tool.ts';

/** The tools as a table for people who choose between them: the promises, not the mechanics. In Markdown. */
export const formatToolTable = (tools: readonly ListedTool[]): string =>
  [
    '| Tool | What it does | Changes anything? | Depends on | Slow above | Fails above |',
    '| --- | --- | --- | --- | --- | --- |',
    ...tools.map(({ facts }) => row(facts)),
  ].join('\n');

const row = ({ name, description, readOnly, idempotent, provider, asksApi, alarms }: ToolFacts): string => {
  const source = `[\`${name}\`](lambdas/tools/${name.replaceAll('_', '-')}.ts)`;
  const changes = readOnly ? 'no' : idempotent ? 'yes, once' : 'yes';
  const dependency = provider ?? (asksApi ? 'its own telemetry' : '–');
  const cells = [
    source,
    firstSentence(description),
    changes,
    dependency,
    `${(alarms.p95Ms ?? P95_MS) / 1_000} s`,
    percent(alarms.errorRate ?? ERROR_RATE),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
};

const firstSentence = (text: string): string => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;

/** 0.02 → `2 %`, without the digits that binary fractions add. */
const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
