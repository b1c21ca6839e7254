import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packPackage, runProgram } from '../support/packed-package.ts';
import { root } from '../support/source-files.ts';
import { ofType, type Resources } from '../support/synthesized.ts';

const EXAMPLES = ['existing-functions.ts', 'existing-database.ts', 'existing-handler.ts', 'new-tool.ts'];

const APP = `
import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ToolObservability } from 'toolwatch';
import { storeInExisting } from './existing-database';
import { watchExisting } from './existing-functions';
import { handler as price } from './new-tool';

const app = new cdk.App({ outdir: 'cdk.out', analyticsReporting: false });

const watched = new cdk.Stack(app, 'Watched');
watchExisting(
  watched,
  {
    checkout: lambda.Function.fromFunctionName(watched, 'Checkout', 'checkout'),
    orders: new sqs.Queue(watched, 'Orders'),
  },
  { pager: new sns.Topic(watched, 'Pager'), inbox: new sns.Topic(watched, 'Inbox') },
);

new ToolObservability(new cdk.Stack(app, 'Fresh'), 'Observability', {
  tools: [price.facts],
  callLogName: '/shop/prices',
  settings: { service: 'prices' },
});

// Another app, because one app cannot deploy one service twice.
const storing = new cdk.App({ outdir: 'cdk.stored.out', analyticsReporting: false });
const stored = new cdk.Stack(storing, 'Stored');
const vpc = new ec2.Vpc(stored, 'Vpc', {
  subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
});
const database = rds.DatabaseInstance.fromDatabaseInstanceAttributes(stored, 'Database', {
  instanceIdentifier: 'shop',
  instanceEndpointAddress: 'shop.example.com',
  instanceResourceId: 'db-SHOP',
  port: 5432,
  securityGroups: [new ec2.SecurityGroup(stored, 'Firewall', { vpc })],
});
storeInExisting(stored, vpc, database, new s3.Bucket(stored, 'Kept'));

app.synth();
storing.synth();
`;

/** Calls the handler of a module with an event. The answer goes to stderr, because the lines go to stdout. */
const CALL = `
const [module, event] = process.argv.slice(2);
const { handler } = await import(module);
console.error(JSON.stringify(await handler(JSON.parse(event), {})));
`;

/** As an app made by `cdk init` has it, except that our declarations are checked as well. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'node16',
    outDir: 'built',
    rootDir: '.',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  },
  include: ['*.ts'],
};

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-package-'));
const app = join(folder, 'shop');
const installed = join(app, 'node_modules/toolwatch');
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

const run = (command: string, args: string[], options: Parameters<typeof runProgram>[2] = {}) =>
  runProgram(command, args, { cwd: app, ...options });

const linkPackage = (name: string) => {
  const path = join(app, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), path);
};

const tsc = (...args: string[]) => run(process.execPath, ['node_modules/typescript/bin/tsc', ...args]);

/** The app has its own dependencies, and those that our package declares. */
beforeAll(() => {
  run('tar', ['-xzf', packPackage(folder)], { cwd: folder });
  mkdirSync(dirname(installed), { recursive: true });
  renameSync(join(folder, 'package'), installed);
  const { dependencies, peerDependencies } = readJson(join(installed, 'package.json'));
  for (const name of ['typescript', '@types/node', ...Object.keys({ ...dependencies, ...peerDependencies })])
    linkPackage(name);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'shop', private: true }));
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  writeFileSync(join(app, 'app.ts'), APP);
  writeFileSync(join(app, 'call.mjs'), CALL);
  for (const example of EXAMPLES) cpSync(join(root, 'examples', example), join(app, example));
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
      'shop-api': ['index.mjs', 'index.mjs.map', 'page.html', 'rds-ca.pem', 'sql'],
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

  test('can have its lines checked by the program in the package', () => {
    const program = join(installed, readJson(join(installed, 'package.json')).bin['toolwatch-check-line']);
    const { lines } = call('built/existing-handler.js', ORDER);
    expect(run(process.execPath, [program], { input: lines }).stdout).toContain(
      '1 records in 1 lines, 0 of them wrong',
    );
  });
});
