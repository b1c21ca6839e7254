import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundle } from '../../../lib/bundle.ts';

const bundles = bundle([], { functions: ['notify', 'deliver'] });
afterAll(() => bundles.dispose());

/** What esbuild writes where a file is loaded with the one that names it; `import("./…")` waits until it is used. */
const LOADED_WITH = /(?:from|import)"\.\/([\w-]+\.mjs)"/g;

/** The packages of which a start loads something, as the source maps of the files say that it loads. */
const packagesOf = (folder: string): Set<string> => {
  const files = new Set(['index.mjs']);
  const packages = new Set<string>();
  for (const file of files) {
    const code = readFileSync(join(folder, file), 'utf8');
    for (const [, other = ''] of code.matchAll(LOADED_WITH)) files.add(other);
    const { sources } = JSON.parse(readFileSync(join(folder, `${file}.map`), 'utf8')) as { sources: string[] };
    for (const source of sources) packages.add(/(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? '');
  }
  return packages;
};

test.each(['notify', 'deliver'] as const)('a start of %s loads the one client that each run needs', (name) => {
  const clients = [...packagesOf(bundles.function(name))].filter((each) => each.startsWith('@aws-sdk/client-'));
  expect(clients).toEqual(['@aws-sdk/client-dynamodb']);
});
