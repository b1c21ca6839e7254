import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COLUMNS } from '../../../lambdas/contract/invocation.ts';
import { OPENTELEMETRY_NAMES } from '../../../lambdas/contract/opentelemetry.ts';
import { computeFingerprint } from '../../../lambdas/observe/failure/fingerprint.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { buildLineSchema } from '../../../lambdas/observe/line/line-schema.ts';
import { read, root } from '../../support/source-files.ts';

const document = read('docs/line.md');
const example = /<!-- example -->\n```json\n(.*)\n```/.exec(document)?.[1] ?? '';
const but = (changes: object) => JSON.stringify({ ...JSON.parse(example), ...changes });

test('the schema in the documents is the one the code has', () =>
  expect(read('docs/line.schema.json')).toBe(buildLineSchema()));

test('the example in the documents is a good line, and its fingerprint is what the document says', () => {
  expect(checkLine(example)).toEqual([]);
  const { name, error_code, error_type, error_message, error_fingerprint } = JSON.parse(example);
  expect(computeFingerprint(name, error_code, error_type, error_message)).toBe(error_fingerprint);
});

test('the table of OpenTelemetry’s names is current, and names fields there are', () => {
  const table = [...document.matchAll(/^\| `(\w+)` \| `([\w.]+)` \|$/gm)].map(([, ours, theirs]) => [ours, theirs]);
  expect(Object.fromEntries(table)).toEqual(OPENTELEMETRY_NAMES);
  expect(Object.keys(OPENTELEMETRY_NAMES).filter((field) => !COLUMNS.includes(field as never))).toEqual([]);
});

test('what is no record is passed over', () => {
  expect([checkLine('START RequestId: 1'), checkLine('{"level":"INFO"}'), checkLine(''), checkLine('17')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ['a prefix', `2026-11-20\tINFO\t${example}`, 'it is not JSON'],
  ['another version', but({ schema: 'toolwatch.v9' }), 'schema is "toolwatch.v9"'],
  ['a missing field', but({ attempts: undefined }), 'attempts: '],
  ['an unknown code', but({ error_code: 'OOPS' }), 'error_code: '],
  ['a success with an error', but({ success: true }), 'error_code stands on a success'],
  ['a failure without a fault', but({ fault: undefined }), 'fault is missing on a failure'],
  ['another time than its id', but({ started_at: '2026-11-20T18:40:00.001Z' }), 'started_at is not the time inside'],
  ['an end before its start', but({ finished_at: '2026-11-20T18:39:00.000Z' }), 'finished_at is before started_at'],
  ['no metrics', but({ _aws: undefined }), '_aws.CloudWatchMetrics is missing'],
  ['a metric that is text', but({ error: '1' }), 'error is a metric but no number'],
  ['no dimension', but({ tool: undefined }), 'tool is a dimension but no string'],
  ['a level a filter drops', but({ level: 'DEBUG' }), 'level is not one of'],
  ['a NUL', but({ user_agent: 'a\u0000b' }), 'it has a NUL character'],
  ['no end', but({ metadata: { note: 'x'.repeat(40_000) } }), 'it is longer than'],
])('a line with %s is told what is wrong with it', (_, line, problem) =>
  expect(checkLine(line)).toContainEqual(expect.stringContaining(problem)),
);

test('the command says it for a whole log', () => {
  const check = (input: string) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'bin/check-line.ts'], { cwd: root, input, encoding: 'utf8' });
  const bad = check(`START\n${example}\n${but({ fault: undefined })}\n`);
  expect([bad.status, bad.stdout]).toEqual([
    1,
    'line 3: fault is missing on a failure\n2 records in 3 lines, 1 of them wrong\n',
  ]);
  expect([check(`${example}\n`).status, check('nothing\n').status]).toEqual([0, 2]);
});
