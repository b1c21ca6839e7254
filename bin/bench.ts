import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, runProgram } from './run-program.ts';

const folder = resolve(import.meta.dirname, '../bench');
/**
 * Each file directly in bench/ but the table printer exports a benchmark's `run`; what only one needs is in a folder
 * below.
 */
const benchmarks = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'table.ts')
  .map((file) => file.slice(0, -3));

const USAGE = `npm run bench -- NAME [options]
Measures alternatives side by side in one run and prints a table with their ratios.
NAME is one of: ${benchmarks.join(', ')}. A benchmark's own options: npm run bench -- NAME --help

Exit code: 0 when every stated limit is met, 1 when one is missed, 2 when the arguments are wrong.`;

runProgram(async () => {
  const [name, ...options] = process.argv.slice(2);
  if (name === undefined || name === '--help') {
    console.log(USAGE);
    return EXIT.ok;
  }
  if (!benchmarks.includes(name)) throw new Error(`There is no benchmark called ${name}.\n\n${USAGE}`);
  const benchmark: { run(options: string[]): Promise<boolean> } = await import(
    pathToFileURL(join(folder, `${name}.ts`)).href
  );
  if (benchmark.run.length === 0 && options.length > 0) {
    const takesNone = `npm run bench -- ${name} takes no options. bench/README.md says what it measures.`;
    if (options[0] !== '--help') throw new Error(takesNone);
    console.log(takesNone);
    return EXIT.ok;
  }
  return (await benchmark.run(options)) ? EXIT.ok : EXIT.wrong;
});
