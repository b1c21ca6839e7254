import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packPackage, runProgram } from '../support/packed-package.ts';
import { root } from '../support/source-files.ts';
import { ofType, type Resources } from '../support/synthesized.ts';

/**
 * The example app as another team would use it: copied elsewhere, installed from the tarball with its own package.json,
 * and driven by its own scripts.
 */
const folder = mkdtempSync(join(tmpdir(), 'toolwatch-example-'));
const app = join(folder, 'examples/shop-app');
const npm = (args: string[], input?: string) => runProgram('npm', args, { cwd: app, ...(input && { input }) });

beforeAll(() => {
  packPackage(folder);
  cpSync(join(root, 'examples/shop-app'), app, {
    recursive: true,
    filter: (path) => !/node_modules|cdk\.out|package-lock\.json/.test(path),
  });
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('type-checks against the declarations of the package', () => {
  expect(npm(['run', '--silent', 'check']).stdout).toBe('');
});

test('writes a line for every call, and the checker of the package accepts them', () => {
  const { stdout } = npm(['run', '--silent', 'call']);
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ schema }) => schema === 'toolwatch.v1');
  expect(records.map(({ service, tool, success }) => [service, tool, success])).toEqual([
    ['shop', 'checkout', true],
    ['shop', 'fulfil', false],
    ['shop', 'delivery_price', true],
  ]);
  expect(npm(['run', '--silent', 'check-lines'], stdout).stdout).toContain('3 records in 4 lines, 0 of them wrong');
});

test('synthesizes its functions, its topics and the alarms of its tools', () => {
  npm(['run', '--silent', 'synth']);
  const resources: Resources = JSON.parse(readFileSync(join(app, 'cdk.out/Shop.template.json'), 'utf8')).Resources;
  const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.AlarmName);
  expect(alarms).toEqual(
    expect.arrayContaining(
      ['checkout', 'fulfil', 'delivery_price'].flatMap((tool) =>
        ['failing', 'slow', 'killed'].map((alarm) => `shop/tool/${tool}/${alarm}`),
      ),
    ),
  );
  expect(alarms).toContain('shop/queue/orders/flooded');
  const services = ofType(resources, 'AWS::Lambda::Function').map(
    ({ Properties }) => Properties.Environment?.Variables?.POWERTOOLS_SERVICE_NAME,
  );
  expect(services.filter(Boolean)).toEqual(['shop', 'shop', 'shop']);
});
