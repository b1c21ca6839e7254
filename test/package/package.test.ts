import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { writeApp } from '../support/app-of-others.ts';
import { packPackage, runProgram } from '../support/packed-package.ts';
import { ofType, type Resources } from '../support/synthesized.ts';

/** Calls the handler of a module with an event. The answer goes to stderr, because the lines go to stdout. */
const CALL = `
const [module, event] = process.argv.slice(2);
const exported = await import(module);
const handler = exported.handler ?? exported.default.handler; // webpack names them only when it runs
console.error(JSON.stringify(await handler(JSON.parse(event), {})));
`;

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-package-'));
const app = join(folder, 'shop');
const installed = join(app, 'node_modules/toolwatch');
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

const run = (command: string, args: string[], options: Parameters<typeof runProgram>[2] = {}) =>
  runProgram(command, args, { cwd: app, ...options });
const tsc = (...args: string[]) => run(process.execPath, ['node_modules/typescript/bin/tsc', ...args]);

beforeAll(() => {
  writeApp(app, packPackage(folder));
  writeFileSync(join(app, 'call.mjs'), CALL);
  tsc();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['commonjs', 'nodenext'])('an app in CommonJS also compiles as %s', (module) => {
  expect(tsc('--noEmit', '--module', module, '--skipLibCheck').stdout).toBe('');
});

test('an ES module imports the same names', () => {
  const program = `
    import { ToolObservability } from 'toolwatch';
    import { defineTool, observe, observed, observeHandler, ToolError } from 'toolwatch/observe';
    import { createMonitoringClient } from 'toolwatch/client';
    const imported = [ToolObservability, createMonitoringClient, defineTool, observe, observed, observeHandler, ToolError];
    console.log(imported.map((value) => typeof value).join());
  `;
  const { stdout } = run(process.execPath, ['--input-type=module', '-e', program]);
  expect(stdout.trim()).toBe(Array(7).fill('function').join());
});

describe('an app in CommonJS, run by node alone', () => {
  const resourcesOf = (stack: string, outdir = 'cdk.out'): Resources =>
    readJson(join(app, outdir, `${stack}.template.json`)).Resources;

  beforeAll(() => {
    run(process.execPath, ['built/app.js']);
  });

  test('gets the alarms on its tools', () => {
    const alarms = ['Watched', 'Fresh'].flatMap((stack) =>
      ofType(resourcesOf(stack), 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties),
    );
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(
      expect.arrayContaining([
        'shop/tool/checkout/failing',
        'shop/tool/checkout/killed',
        'shop/queue/orders/flooded',
        'prices/tool/delivery_price/slow',
      ]),
    );
    expect(JSON.stringify(alarms)).toContain('[{"Name":"service","Value":"shop"},{"Name":"tool","Value":"checkout"}]');
  });

  test('gets a store whose functions have their code, their SQL statements and their page', () => {
    const folders = ofType(resourcesOf('Stored', 'cdk.stored.out'), 'AWS::Lambda::Function').flatMap(
      ({ Properties: { FunctionName, Code } }) =>
        FunctionName ? [[FunctionName, join(app, 'cdk.stored.out', `asset.${Code.S3Key.replace('.zip', '')}`)]] : [],
    );
    expect(Object.fromEntries(folders.map(([name, path]) => [name, readdirSync(path)]))).toEqual({
      'shop-api': [
        'costs.json',
        'index.mjs',
        'index.mjs.map',
        'openapi.json',
        'page.html',
        'rds-ca.pem',
        'reference.html',
        'sql',
      ],
      'shop-ingest': ['index.mjs', 'index.mjs.map', 'rds-ca.pem', 'sql'],
      'shop-migrate': ['index.mjs', 'index.mjs.map', 'rds-ca.pem', 'sql', 'tools.json'],
      'shop-payloads': ['index.mjs', 'index.mjs.map'],
      'shop-refresh': ['index.mjs', 'index.mjs.map', 'rds-ca.pem', 'sql'],
      'shop-retention': ['index.mjs', 'index.mjs.map', 'rds-ca.pem', 'sql'],
      'shop-sql': ['index.mjs', 'index.mjs.map', 'rds-ca.pem', 'sql'],
    });
    for (const [name, path] of folders.filter(([name]) => name !== 'shop-payloads')) {
      expect(readFileSync(join(path, 'index.mjs'), 'utf8'), name).toContain('DATABASE_HOST');
      expect(readdirSync(join(path, 'sql')), name).toContain('queries');
    }
  });
});

describe('a function', () => {
  const ORDER = {
    version: '2.0',
    routeKey: 'POST /checkout',
    requestContext: { http: { method: 'POST' } },
    body: '{"items":["tea"]}',
  };
  const call = (file: string, event: unknown, ...flags: string[]) => {
    const { stdout, stderr } = run(process.execPath, [...flags, 'call.mjs', join(app, file), JSON.stringify(event)], {
      env: { ...process.env, POWERTOOLS_SERVICE_NAME: 'shop' },
    });
    return { answer: JSON.parse(stderr), lines: stdout };
  };

  /** Both examples answer, and write lines under the names that alarms read. */
  const expectLines = (file: (example: string) => string, ...flags: string[]) => {
    const handler = call(file('existing-handler'), ORDER, ...flags);
    expect(handler.answer).toMatchObject({ statusCode: 200, body: 'Ordered: tea.' });
    expect(JSON.parse(handler.lines)).toMatchObject({ tool: 'checkout', service: 'shop', success: true });
    const tool = call(file('new-tool'), { kilograms: 2.5 }, ...flags);
    expect(tool.answer).toEqual({ cents: 670 });
    const [entry, line] = tool.lines.trim().split('\n');
    expect(JSON.parse(entry ?? '')).toMatchObject({ message: 'pricing', kilograms: 2.5, service: 'shop' });
    expect(JSON.parse(line ?? '')).toMatchObject({ tool: 'delivery_price', service: 'shop', success: true });
  };

  // As in Lambda's Node 20 and 22.
  test('writes its lines when compiled, where ES modules cannot be required', () => {
    expectLines((example) => `built/${example}.js`, '--no-experimental-require-module');
  });

  test.each([
    ['cjs', 'cjs'],
    ['esm', 'mjs'],
  ] as const)('writes its lines from a bundle as %s, which contains nothing of the CDK', async (format, extension) => {
    const { metafile } = await build({
      absWorkingDir: app,
      entryPoints: ['existing-handler.ts', 'new-tool.ts'],
      outdir: join(app, 'bundled'),
      outExtension: { '.js': `.${extension}` },
      bundle: true,
      platform: 'node',
      format,
      metafile: true,
      logLevel: 'silent',
    });
    expect(Object.keys(metafile.inputs).filter((file) => /aws-cdk-lib|constructs|@aws-sdk/.test(file))).toEqual([]);
    expectLines((example) => `bundled/${example}.${extension}`);
  });

  test('writes its lines from a bundle of webpack', async () => {
    const compiler = webpack({
      context: app,
      mode: 'production',
      target: 'node20',
      entry: { 'existing-handler': './built/existing-handler.js', 'new-tool': './built/new-tool.js' },
      optimization: { minimize: false },
      output: { path: join(app, 'packed'), library: { type: 'commonjs2' } },
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    expect(stats?.toJson({ all: false, errors: true, warnings: true })).toMatchObject({ errors: [], warnings: [] });
    expectLines((example) => `packed/${example}.js`);
  });

  test('can have its lines checked by the program in the package', () => {
    const program = join(installed, readJson(join(installed, 'package.json')).bin['toolwatch-check-line']);
    const { lines } = call('built/existing-handler.js', ORDER);
    expect(run(process.execPath, [program], { input: lines }).stdout).toContain(
      '1 records in 1 lines, 0 of them wrong',
    );
  });

  test('can ask its store in SQL, by the command in the package', () => {
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1', // where nothing answers
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'operator',
    };
    const ask = (...args: string[]) =>
      spawnSync(join(app, 'node_modules/.bin/toolwatch'), ['sql', ...args], { cwd: app, env, encoding: 'utf8' });
    expect(ask('--function', 'shop-sql', 'select 1')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'connect ECONNREFUSED 127.0.0.1:1\n',
    });
    expect(ask('select 1').stderr).toContain('or the function with --function');
  });
});
