import type { ListedTool } from '../listed-tool.ts';
import { apiReference, savedQueriesTable, settingsReference, shippedRulesTable } from './references.ts';
import { formatToolTable } from './tool-table.ts';

/** A generated part of a document, between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export interface GeneratedPart {
  /** The document's path from the project's root. */
  file: string;
  name: string;
  text: string;
}

/** The tool that documents show as the example: deployed code, so the example is always valid. */
const EXAMPLE = 'lambdas/tools/order-status.ts';

/** Every generated part of every document. `read` returns the text of a file by its path from the project's root. */
export const generatedParts = (tools: readonly ListedTool[], read: (file: string) => string): GeneratedPart[] => [
  { file: 'README.md', name: 'tools', text: formatToolTable(tools) },
  { file: 'docs/settings.md', name: 'settings', text: settingsReference() },
  { file: 'docs/api.md', name: 'endpoints', text: apiReference() },
  { file: 'docs/cloudwatch.md', name: 'saved-queries', text: savedQueriesTable() },
  { file: 'docs/rules.md', name: 'shipped-rules', text: shippedRulesTable() },
  { file: 'docs/adding-a-tool.md', name: 'example', text: formatCode(read(EXAMPLE)) },
  { file: 'docs/line.md', name: 'python', text: formatCode(read('examples/python/toolwatch_line.py'), 'python') },
  { file: 'docs/existing-apps.md', name: 'handler', text: formatCode(read('examples/existing-handler.ts')) },
  { file: 'docs/existing-apps.md', name: 'tool', text: formatCode(read('examples/new-tool.ts')) },
  { file: 'docs/existing-apps.md', name: 'functions', text: formatCode(read('examples/existing-functions.ts')) },
  { file: 'docs/existing-apps.md', name: 'own-alarm', text: formatCode(read('examples/own-alarm.ts')) },
  { file: 'docs/existing-apps.md', name: 'database', text: formatCode(read('examples/existing-database.ts')) },
];

const formatCode = (source: string, language = 'ts'): string => `\`\`\`${language}\n${source}\`\`\``;

/** The document with that part replaced. Throws when the document lacks its marks. */
export const replacePart = (document: string, { file, name, text }: GeneratedPart): string => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no line ${begin} with a line ${end} after it.`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
};
