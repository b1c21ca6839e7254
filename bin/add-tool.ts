import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run add-tool NAME
Adds a tool: its file in lambdas/tools/, its place in the list of tools, and a first test, which passes. NAME is in
snake_case, such as city_weather, and has at most 48 characters. It brings the documents up to date as well, as
npm run docs does. Then write what the tool does.

Exit code: 0 when the tool was added, 2 when it was not.`;

const root = join(import.meta.dirname, '..');
const LIST = 'lambdas/tools/index.ts';
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const MAX_NAME_LENGTH = 48;

/** `city_weather` → `cityWeather`; one word may be a keyword, so `import` → `importTool`. */
const toIdentifier = (name: string): string =>
  (name.includes('_') ? name : `${name}_tool`).replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const writeTool = (name: string): string => `import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';

export default defineTool({
  name: '${name}',
  description: 'Say what ${name} does. Use it when somebody asks for it.',
  input: z.object({
    text: z.string().max(200).describe('What to answer, e.g. hello'),
  }),
  output: z.object({ text: z.string() }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: {},
}).run(({ text }) => ({ text }));
`;

const writeTest = (name: string, file: string): string => `import { expect, test } from 'vitest';
import ${toIdentifier(name)} from '../../../lambdas/tools/${file}.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();

test('answers, and writes one line', async () => {
  expect(await ${toIdentifier(name)}({ text: 'hello' }, aContext())).toEqual({ text: 'hello' });
  expect(lines.records()).toMatchObject([{ name: '${name}', success: true }]);
});

test('refuses an argument that is too long, by the fault of the caller', async () => {
  const reply = await ${toIdentifier(name)}({ text: 'x'.repeat(201) }, aContext());
  expect(reply).toMatchObject({ isError: true, code: 'INVALID_INPUT', fault: 'caller' });
});
`;

const fileOf = (line: string): string => /'.*'/.exec(line)?.[0] ?? '';

/** The list with the tool at its end, and its import among the others in alphabetical order. */
const addToList = (list: string, name: string, file: string): string => {
  const own = `import ${toIdentifier(name)} from './${file}.ts';`;
  const lines = list.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const next = imports.find((line) => fileOf(line) > fileOf(own));
  const end = lines.findIndex((line) => line.startsWith('] as const'));
  if (imports.length === 0 || end < 0) throw new Error(`${LIST} does not have the form that this command can change.`);
  lines.splice(end, 0, `  ${toIdentifier(name)},`);
  lines.splice(next === undefined ? imports.length : lines.indexOf(next), 0, own);
  return lines.join('\n');
};

const addTool = (name: string): string[] => {
  const file = name.replaceAll('_', '-');
  const texts = {
    [`lambdas/tools/${file}.ts`]: writeTool(name),
    [`test/unit/tools/${file}.test.ts`]: writeTest(name, file),
  };
  const existing = Object.keys(texts).find((path) => existsSync(join(root, path)));
  if (existing !== undefined) throw new Error(`${existing} exists already. Nothing was changed.`);
  const list = addToList(readFileSync(join(root, LIST), 'utf8'), name, file);
  for (const [path, text] of Object.entries({ ...texts, [LIST]: list })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return [...Object.keys(texts), LIST];
};

runProgram(() => {
  const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const [name = '', ...more] = positionals;
  if (!NAME.test(name) || name.length > MAX_NAME_LENGTH || more.length > 0) {
    throw new Error(`Write one name in snake_case, of at most ${MAX_NAME_LENGTH} characters, such as city_weather.`);
  }
  console.log(`wrote ${addTool(name).join(', ')}`);
  execFileSync(process.execPath, ['--import', 'tsx', join(root, 'bin/docs.ts')], { cwd: root, stdio: 'inherit' });
  console.log(`Now write what ${name} does. npm start has it, and npm run docs lists it after each change.`);
  return EXIT.ok;
});
