import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedTool } from '../listed-tool.ts';

const FOLDER = join(import.meta.dirname, '../../lambdas/tools');
const LIST = 'index.ts';

/** Files of tools that the list does not name, each in a sentence: nobody would notice that they are not deployed. */
export const findUnlistedFiles = (tools: readonly ListedTool[], folder = FOLDER): string[] => {
  const listed = new Set(tools.map(({ facts }) => `${facts.name.replaceAll('_', '-')}.ts`));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== LIST && !listed.has(file))
    .map(
      (file) =>
        `lambdas/tools/${file} is not in the list of tools; add it in lambdas/tools/${LIST}, ` +
        'or move it elsewhere if it is no tool.',
    );
};
