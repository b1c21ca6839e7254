import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = resolve(import.meta.dirname, '../bench');
/** A file of bench/ that exports `run` is a bench; what it needs beside it lives in a folder of its own. */
const benches = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'table.ts')
  .map((file) => file.slice(0, -3));

const usage = `npm run bench -- NAME [options]

Measures side by side in one run and prints a table with ratios; the exit status is 1 when a stated limit is missed.
NAME is one of: ${benches.join(', ')}. A bench's own options: npm run bench -- NAME --help`;

const [name, ...options] = process.argv.slice(2);
if (name === undefined || name === '--help') {
  console.log(usage);
} else if (!benches.includes(name) || !existsSync(join(folder, `${name}.ts`))) {
  console.error(`There is no bench called ${name}.\n\n${usage}`);
  process.exitCode = 2;
} else {
  const bench: { run(options: string[]): Promise<boolean> } = await import(
    pathToFileURL(join(folder, `${name}.ts`)).href
  );
  process.exitCode = (await bench.run(options)) ? 0 : 1;
}
