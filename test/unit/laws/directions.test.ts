import { describe, expect, test } from 'vitest';
import { filesBelow, importsOf, read } from '../../support/source-files.ts';

/**
 * Which rooms a room may import from, beside itself. Packages are named where a room may not have all of them.
 * Functions never import each other: they meet in the log and in the store.
 */
const FUNCTIONS = ['gateway', 'ingest', 'refresh', 'api', 'migrate', 'retention', 'archive', 'sql', 'jobs'];
/** Functions outside the database's network, which query AWS and the api. */
const CHECKS = [
  'smoke',
  'completeness',
  'drill',
  'report',
  'payloads',
  'checks',
  'notify',
  'deliver',
  'operate',
  'self-check',
  'spans',
  'collect',
  'worker',
  'hooks',
];
/** Functions behind the front door. */
const ENDPOINTS = ['gateway', 'api', 'operate'];
/** Functions that call tools. */
const INVOKERS = ['gateway', 'worker'];
/** Functions that answer with CSV. */
const CSV_WRITERS = ['api'];
/** Functions that get lines of the log of calls. */
const SUBSCRIBERS = ['ingest', 'spans'];
const ROOMS: Record<string, string[]> = {
  bin: ['lib', 'emulator', 'local', 'scenarios', 'bench', 'operate', 'lambdas', 'dashboard'],
  bench: ['lib', 'emulator', 'local', 'scenarios', 'lambdas', 'dashboard'],
  examples: [],
  operate: ['lib', 'lambdas/monitoring', 'lambdas/csv', 'lambdas/contract'],
  lib: ['lambdas/tools', 'lambdas/observe', 'lambdas/notify', 'lambdas/contract', 'dashboard'],
  emulator: ['lambdas/contract'],
  local: ['emulator', 'lib', 'lambdas/contract'],
  scenarios: ['emulator', 'lib', 'lambdas/notify', 'lambdas/refresh', 'lambdas/contract'],
  dashboard: ['lambdas/contract'],
  'lambdas/contract': [],
  'lambdas/observe': ['lambdas/contract'],
  'lambdas/client': ['lambdas/contract'],
  'lambdas/notify': ['lambdas/contract'],
  'lambdas/invoke': ['lambdas/observe', 'lambdas/contract'],
  'lambdas/subscription': ['lambdas/observe', 'lambdas/contract'],
  'lambdas/front-door': ['lambdas/contract'],
  'lambdas/telemetry': ['lambdas/observe', 'lambdas/contract'],
  'lambdas/tools': ['lambdas/observe', 'lambdas/telemetry', 'lambdas/contract'],
  'lambdas/csv': ['lambdas/contract'],
  'lambdas/database': ['lambdas/contract'],
  'lambdas/monitoring': ['lambdas/contract'],
  ...Object.fromEntries(
    CHECKS.map((name) => [
      `lambdas/${name}`,
      [
        'lambdas/observe',
        'lambdas/telemetry',
        'lambdas/monitoring',
        'lambdas/contract',
        ...(SUBSCRIBERS.includes(name) ? ['lambdas/subscription'] : []),
        ...(ENDPOINTS.includes(name) ? ['lambdas/front-door'] : []),
        ...(INVOKERS.includes(name) ? ['lambdas/invoke'] : []),
      ],
    ]),
  ),
  ...Object.fromEntries(
    FUNCTIONS.map((name) => [
      `lambdas/${name}`,
      [
        'lambdas/observe',
        'lambdas/database',
        'lambdas/contract',
        ...(CSV_WRITERS.includes(name) ? ['lambdas/csv'] : []),
        ...(SUBSCRIBERS.includes(name) ? ['lambdas/subscription'] : []),
        ...(ENDPOINTS.includes(name) ? ['lambdas/front-door'] : []),
        ...(INVOKERS.includes(name) ? ['lambdas/invoke'] : []),
      ],
    ]),
  ),
};

const roomOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('lambdas/') ? 2 : 1)
    .join('/');
const isOurs = (path: string) =>
  /^(bin|lib|emulator|local|scenarios|operate|lambdas|dashboard|bench|test|sql)\//.test(path);
const sources = Object.keys(ROOMS).flatMap((room) => filesBelow(room));

describe('directions', () => {
  test('every room under lambdas has its place in the order', () => {
    const rooms = new Set(filesBelow('lambdas').map(roomOf));
    expect([...rooms].filter((room) => !(room in ROOMS))).toEqual([]);
  });

  test('no file imports from a room it may not', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => isOurs(target) && roomOf(target) !== roomOf(file))
        .filter((target) => !ROOMS[roomOf(file)]?.some((room) => target.startsWith(`${room}/`)))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the emulator knows nothing of this product: it could be published alone', () => {
    expect(filesBelow('emulator', ['.ts', '.mjs', '.md']).filter((file) => /toolwatch/i.test(read(file)))).toEqual([]);
  });

  test('the contract imports zod and nothing else', () => {
    const packages = filesBelow('lambdas/contract')
      .flatMap(importsOf)
      .filter((target) => !isOurs(target));
    expect(new Set(packages)).toEqual(new Set(['zod']));
  });

  test('nothing that runs on Lambda or in the browser imports the CDK', () => {
    const wrong = [...filesBelow('lambdas'), ...filesBelow('dashboard')].filter((file) =>
      importsOf(file).some((target) => /^(aws-cdk-lib|constructs|cdk-nag)/.test(target)),
    );
    expect(wrong).toEqual([]);
  });

  test('zod is imported as a namespace, which weighs a fifth', () => {
    const wrong = filesBelow('lambdas').filter((file) => /import\s+(?!\* as|type)[^;]*from 'zod'/.test(read(file)));
    expect(wrong).toEqual([]);
  });

  test('no import reads the environment: process.env stands inside a function only', () => {
    const atTopLevel = /^(?:export\s+)?(?:const|let|var)\s+[^=\n]+=\s*(?!.*=>)[^\n]*process\.env/m;
    expect(sources.filter((file) => file.startsWith('lambdas/') && atTopLevel.test(read(file)))).toEqual([]);
  });

  test('no folder or file is named for everything at once', () => {
    const vague = /(^|\/)(utils?|common|helpers?|types|misc)(\/|\.tsx?$)/;
    expect([...sources, ...filesBelow('test')].filter((file) => vague.test(file))).toEqual([]);
  });
});
