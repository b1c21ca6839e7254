import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run api-reference [-- --check]
Writes docs/reference/*.api.md: every name that the package exports, with its types, from the declarations in dist/ (npm
run build). With --check it writes nothing and lists what is out of date: a change there is a change for other apps.

Exit code: 0 when all is well, 1 when --check finds a file out of date, 2 when the arguments are wrong.`;
const root = join(import.meta.dirname, '..');
const FOLDER = join(root, 'docs/reference');

/** The entry points of the package, by the names of their files. */
const ENTRY_POINTS = {
  toolwatch: 'dist/lib/tool-observability.d.ts',
  observe: 'dist/lambdas/observe/index.d.ts',
  client: 'dist/lambdas/client/index.d.ts',
};

const none = { logLevel: ExtractorLogLevel.None };

/** What one entry point exports, as text. Throws when its declarations do not compile. */
function describeEntryPoint(name: string, entryPoint: string, folder: string): string {
  const config = ExtractorConfig.prepare({
    configObject: {
      mainEntryPointFilePath: join(root, entryPoint),
      projectFolder: root,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2023',
            lib: ['ES2023', 'DOM'],
            module: 'preserve',
            moduleResolution: 'bundler',
            strict: true,
            skipLibCheck: true,
            types: ['node'],
          },
          include: [entryPoint],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: folder,
        reportTempFolder: join(folder, 'temporary'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: none },
        tsdocMessageReporting: { default: none },
      },
    },
    configObjectFullPath: join(root, 'api-extractor.json'),
    packageJsonFullPath: join(root, 'package.json'),
  });
  mkdirSync(folder, { recursive: true });
  const { errorCount } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (errorCount > 0) throw new Error(`The declarations of ${entryPoint} do not compile.`);
  return readFileSync(join(folder, `${name}.api.md`), 'utf8');
}

runProgram(() => {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const temporary = mkdtempSync(join(tmpdir(), 'toolwatch-api-'));
  let isCurrent = true;
  try {
    for (const [name, entryPoint] of Object.entries(ENTRY_POINTS)) {
      const file = join(FOLDER, `${name}.api.md`);
      const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
      const after = describeEntryPoint(name, entryPoint, temporary);
      if (before === after) continue;
      if (values.check) {
        console.error(`docs/reference/${name}.api.md is out of date. Run: npm run build && npm run api-reference`);
        isCurrent = false;
      } else {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(file, after);
        console.log(`wrote docs/reference/${name}.api.md`);
      }
    }
  } finally {
    rmSync(temporary, { recursive: true });
  }
  return isCurrent ? EXIT.ok : EXIT.wrong;
});
