import type { ListedTool } from '../listed-tool.ts';
import { formatToolTable } from './tool-table.ts';

/** A part of a document that a program writes, between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export interface GeneratedPart {
  /** From the project's root. */
  file: string;
  name: string;
  text: string;
}

/** The tool that shows what a tool looks like; as it is what runs, it cannot show what does not. */
const EXAMPLE = 'lambdas/tools/order-status.ts';

/** Every part of every document that follows from the code. `read` gives a file of the project by its path. */
export const generatedParts = (tools: readonly ListedTool[], read: (file: string) => string): GeneratedPart[] => [
  { file: 'README.md', name: 'tools', text: formatToolTable(tools) },
  { file: 'docs/adding-a-tool.md', name: 'example', text: asCode(read(EXAMPLE)) },
  { file: 'docs/existing-apps.md', name: 'handler', text: asCode(read('examples/existing-handler.ts')) },
  { file: 'docs/existing-apps.md', name: 'tool', text: asCode(read('examples/new-tool.ts')) },
  { file: 'docs/existing-apps.md', name: 'functions', text: asCode(read('examples/existing-functions.ts')) },
  { file: 'docs/existing-apps.md', name: 'database', text: asCode(read('examples/existing-database.ts')) },
];

const asCode = (source: string): string => `\`\`\`ts\n${source}\`\`\``;

/** The document with that part as it should be. Throws when the document has no such marks. */
export const replacePart = (document: string, { file, name, text }: GeneratedPart): string => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no line ${begin} with a line ${end} after it.`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
};
