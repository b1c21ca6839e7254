import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingsFrom } from '../../../lib/settings.ts';
import {
  anchorsOf,
  codeSpansOf,
  type Document,
  documents,
  isProjectPath,
  linksOf,
  pathsIn,
  projectFiles,
  shellLinesOf,
} from '../../support/documents.ts';
import { read, root } from '../../support/source-files.ts';

const MAX_WIDTH = 120;

const readPackage = (file: string): Record<'scripts' | 'bin', Record<string, string>> => JSON.parse(read(file));
const { bin } = readPackage('package.json');

/** The scripts of the project, and of the app that the document describes. */
const scriptsFor = ({ file }: Document): Record<string, string> => {
  const own = join(dirname(file), 'package.json');
  return { ...readPackage('package.json').scripts, ...(existsSync(join(root, own)) && readPackage(own).scripts) };
};

/** What npm does without a script of ours. */
const NPM_COMMANDS = new Set(['ci', 'install', 'ls', 'pack']);

const aDocument = (text: string): Document => ({ file: 'docs/example.md', text, prose: text, fences: [] });

const codeOf = (document: Document): string[] => [...codeSpansOf(document), ...shellLinesOf(document)];

/** In a shell command a bare file name may be the reader's own file. */
const findMissingPaths = (document: Document): string[] =>
  [
    ...codeSpansOf(document).flatMap(pathsIn),
    ...shellLinesOf(document)
      .flatMap(pathsIn)
      .filter((path) => path.includes('/')),
  ].filter((path) => !isProjectPath(path, document));

const findUnknownScripts = (document: Document): string[] =>
  codeOf(document)
    .flatMap((code) => [...code.matchAll(/\bnpm (?:(?:run|--?\S+) )*([a-z][\w:-]*)/g)])
    .map(([, script = '']) => script)
    .filter((script) => !(script in scriptsFor(document)) && !NPM_COMMANDS.has(script));

const findUnknownBinaries = (document: Document): string[] =>
  codeOf(document)
    .flatMap((code) => [...code.matchAll(/\bnpx ([\w@/-]+)/g)])
    .map(([, binary = '']) => binary)
    .filter((binary) => !(binary in bin) && !existsSync(join(root, 'node_modules/.bin', binary)));

const findBrokenLinks = (document: Document): string[] =>
  linksOf(document).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document.file : join(dirname(document.file), path).replace(/\/$/, '');
    if (!projectFiles.some((file) => file === target || file.startsWith(`${target}/`))) return true;
    if (anchor === undefined) return false;
    const linked = documents.find(({ file }) => file === target);
    return !linked || !anchorsOf(linked).includes(anchor);
  });

const findWideLines = ({ prose }: Document): string[] =>
  prose.split('\n').filter((line) => line.length > MAX_WIDTH && !/^\s*\||\]\(|^<!--/.test(line));

describe.each(documents)('$file', (document) => {
  test('names only paths that exist', () => {
    expect(findMissingPaths(document)).toEqual([]);
  });

  test('names only npm scripts and npx programs that exist', () => {
    expect([...findUnknownScripts(document), ...findUnknownBinaries(document)]).toEqual([]);
  });

  test('links only to files and headings that exist', () => {
    expect(findBrokenLinks(document)).toEqual([]);
  });

  test(`has no line wider than ${MAX_WIDTH} characters, except in tables and links`, () => {
    expect(findWideLines(document)).toEqual([]);
  });

  test('has JSON examples that parse, and settings that synthesis accepts', () => {
    const settings = document.fences
      .filter(({ language }) => language === 'json')
      .map(({ text }): { toolwatch?: unknown } => JSON.parse(text))
      .flatMap(({ toolwatch }) => toolwatch ?? []);
    for (const example of settings) expect(() => settingsFrom(example)).not.toThrow();
  });
});

interface Example {
  /** The folder whose neighbours its imports name. */
  folder: 'tools' | 'emulator';
  text: string;
}

/**
 * Type-checks examples as if they were files of `lambdas/tools` or `emulator`, where `toolwatch` and `toolwatch/observe` are
 * known as well. Returns what the compiler reports; nothing when all compile.
 */
const typeCheck = (examples: readonly Example[]): string => {
  const temporary = mkdtempSync(join(root, '.toolwatch-documents-'));
  try {
    for (const [index, { folder, text }] of examples.entries()) {
      mkdirSync(join(temporary, folder), { recursive: true });
      writeFileSync(join(temporary, folder, `snippet-${index}.ts`), text);
    }
    const tsconfig = {
      extends: '../tsconfig.json',
      compilerOptions: { rootDirs: ['.', '../lambdas', '..'] },
      include: ['tools/*.ts', 'emulator/*.ts'],
    };
    writeFileSync(join(temporary, 'tsconfig.json'), JSON.stringify(tsconfig));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', temporary], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  } finally {
    rmSync(temporary, { recursive: true });
  }
};

describe('TypeScript examples', () => {
  const examples = documents.flatMap(({ file, fences }) =>
    fences
      .filter(({ language, note }) => language === 'ts' && note !== 'fragment')
      .map(({ text }): Example => ({ folder: file.startsWith('emulator/') ? 'emulator' : 'tools', text })),
  );

  test('compile, unless they are marked as fragments', { timeout: 120_000 }, () => {
    expect(examples.length).toBeGreaterThan(0);
    expect(typeCheck(examples)).toBe('');
  });

  test('that do not compile are reported', { timeout: 120_000 }, () => {
    const example: Example = { folder: 'tools', text: "export const answer: number = 'forty-two';\n" };
    expect(typeCheck([example])).toContain('not assignable');
  });
});

describe('what is reported of a document', () => {
  test('a path that does not exist, whether it has a folder, braces, a wildcard or none of them', () => {
    const text =
      '`lib/gone.ts`, `lib/{topics,gone}.ts`, `gone.sql`, `lambdas/gone/`, `sql/views/9*.sql`, `lambda/a.ts`';
    expect(findMissingPaths(aDocument(text))).toEqual([
      'lib/gone.ts',
      'lib/gone.ts',
      'gone.sql',
      'lambdas/gone/',
      'sql/views/9*.sql',
      'lambda/a.ts',
    ]);
    expect(findMissingPaths(aDocument('`lib/topics.ts`, `sql/views/`, `lambdas/tools/<name>.ts`, `cdk.json`'))).toEqual(
      [],
    );
  });

  test('a script or a program that does not exist', () => {
    const document = aDocument(
      '`npm run gone -- --fast`, `npm start`, `npm run --silent check-line`, `npx gone`, `npx cdk`',
    );
    expect(findUnknownScripts(document)).toEqual(['gone']);
    expect(findUnknownBinaries(document)).toEqual(['gone']);
  });

  test('a link to a file or a heading that does not exist', () => {
    const text = '[a](gone.md) [b](store.md) [c](#here) [d](#gone)\n\n## Here\n';
    expect(findBrokenLinks({ ...aDocument(text), file: 'docs/store.md' })).toEqual(['gone.md', '#here', '#gone']);
    expect(anchorsOf(aDocument(text))).toEqual(['here']);
  });

  test('a line that is too wide', () => {
    const wide = 'a '.repeat(61);
    expect(findWideLines(aDocument(`${wide}\n| ${wide}|\n`))).toEqual([wide]);
  });
});
