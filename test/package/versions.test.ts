import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeApp } from '../support/app-of-others.ts';
import { packPackage, runProgram } from '../support/packed-package.ts';
import { read } from '../support/source-files.ts';
import { alarmsOf, type Resources } from '../support/synthesized.ts';

/** The oldest versions of the CDK that the package takes; the newest are those of this repository. */
const { peerDependencies, engines } = JSON.parse(read('package.json'));
const oldestOf = (name: string): string => /\d+\.\d+\.\d+/.exec(peerDependencies[name])?.[0] ?? '';
/** The versions of Node that the package is for, as Lambda and the CDK are. */
const NODES = [20, 22, 24];
const own = Number(process.versions.node.split('.')[0]);
const otherNodes = NODES.filter((major) => major !== own);

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-versions-'));
const others = join(folder, 'others');
const nodeOf = (major: number): string =>
  major === own ? process.execPath : join(others, `node_modules/node-${major}/bin/node`);
const newest = join(folder, 'newest');
const oldest = join(folder, 'oldest');

const resourcesOf = (app: string, stack: string, outdir = 'cdk.out'): Resources =>
  JSON.parse(readFileSync(join(app, outdir, `${stack}.template.json`), 'utf8')).Resources;
const synthesize = (app: string, node = process.execPath): void => {
  for (const outdir of ['cdk.out', 'cdk.stored.out']) rmSync(join(app, outdir), { recursive: true, force: true });
  runProgram(node, ['built/app.js'], { cwd: app });
};
const alarmsIn = (app: string) => [
  ...alarmsOf(resourcesOf(app, 'Watched')),
  ...alarmsOf(resourcesOf(app, 'Fresh')),
  ...alarmsOf(resourcesOf(app, 'Orders')),
  ...alarmsOf(resourcesOf(app, 'Stored', 'cdk.stored.out')),
];

const withoutAlignment = <Alarm extends { Properties: object }>(alarm: Alarm) => {
  const { EvaluationWindow: _, ...Properties } = alarm.Properties as Record<string, unknown>;
  return { ...alarm, Properties };
};

/** One installation for all tests: what is not in this repository. */
beforeAll(() => {
  mkdirSync(others);
  writeFileSync(join(others, 'package.json'), '{ "private": true }');
  const nodes = otherNodes.map((major) => `node-${major}@npm:node-${process.platform}-${process.arch}@${major}`);
  const cdk = ['aws-cdk-lib', 'constructs'].map((name) => `${name}@${oldestOf(name)}`);
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  runProgram('npm', ['install', ...flags, ...nodes, ...cdk], { cwd: others });
  const tarball = packPackage(folder);
  mkdirSync(newest);
  mkdirSync(oldest);
  writeApp(newest, tarball);
  const linkTo = (name: string) => join(others, 'node_modules', name);
  writeApp(oldest, tarball, { 'aws-cdk-lib': linkTo('aws-cdk-lib'), constructs: linkTo('constructs') });
  for (const app of [newest, oldest]) {
    runProgram(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: app });
    synthesize(app);
  }
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('with the oldest CDK that the package takes', () => {
  test('an app compiles and has the same alarms, property by property', () => {
    expect(JSON.parse(readFileSync(join(others, 'node_modules/aws-cdk-lib/package.json'), 'utf8')).version).toBe(
      oldestOf('aws-cdk-lib'),
    );
    expect(alarmsIn(oldest).length).toBeGreaterThan(20);
    // It does not know that windows may be aligned with the clock.
    expect(alarmsIn(oldest)).toEqual(alarmsIn(newest).map(withoutAlignment));
  });

  test('an app has the same functions in its store', () => {
    const functionsIn = (app: string) =>
      Object.values(resourcesOf(app, 'Stored', 'cdk.stored.out'))
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .flatMap(({ Properties: { FunctionName, Runtime, LoggingConfig, Environment } }) =>
          FunctionName ? [{ FunctionName, Runtime, LoggingConfig, Environment }] : [],
        );
    expect(functionsIn(oldest)).toHaveLength(7);
    expect(functionsIn(oldest)).toEqual(functionsIn(newest));
  });
});

describe.each(NODES)('with Node %i', (major) => {
  test('an app is synthesized, and its function writes its line', () => {
    const { stdout: version } = runProgram(nodeOf(major), ['--version'], { cwd: newest });
    expect(version).toMatch(new RegExp(`^v${major}\\.`));
    const before = alarmsIn(newest);
    synthesize(newest, nodeOf(major));
    expect(alarmsIn(newest)).toEqual(before);
    const call = "require('./built/new-tool.js').handler({ kilograms: 2.5 }, {})";
    const { stdout } = runProgram(nodeOf(major), ['-e', call], { cwd: newest });
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ tool: 'delivery_price', success: true });
  });
});

test('the versions of Node that are tried begin with the one that the package demands', () => {
  expect(engines.node).toMatch(new RegExp(`^>=${NODES[0]}\\.`));
});
