import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { COLUMNS } from '../../../lambdas/contract/invocation.ts';
import { OPENTELEMETRY_NAMES } from '../../../lambdas/contract/opentelemetry.ts';
import { computeFingerprint } from '../../../lambdas/observe/failure/fingerprint.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { buildLineSchema } from '../../../lambdas/observe/line/line-schema.ts';
import { findProgram } from '../../support/program.ts';
import { read, root } from '../../support/source-files.ts';

const document = read('docs/line.md');
const example = /<!-- example -->\n```json\n(.*)\n```/.exec(document)?.[1] ?? '';
const exampleWith = (changes: object) => JSON.stringify({ ...JSON.parse(example), ...changes });

test('the schema in the documents is the code’s own', () =>
  expect(read('docs/line.schema.json')).toBe(buildLineSchema()));

test('the example in the documents is a valid line with the documented fingerprint', () => {
  expect(checkLine(example)).toEqual([]);
  const { name, error_code, error_type, error_message, error_fingerprint } = JSON.parse(example);
  expect(computeFingerprint(name, error_code, error_type, error_message)).toBe(error_fingerprint);
});

test('the table of OpenTelemetry’s names is current, and its fields exist', () => {
  const table = [...document.matchAll(/^\| `([\w.]+)` \| `([\w.]+)` \|$/gm)].map(([, ours, theirs]) => [ours, theirs]);
  expect(Object.fromEntries(table)).toEqual(OPENTELEMETRY_NAMES);
  expect(Object.keys(OPENTELEMETRY_NAMES).filter((field) => !COLUMNS.includes(field.split('.')[0] as never))).toEqual(
    [],
  );
});

/** A program of another language; without it tests are skipped, except where all tools are required. */
const requireTool = (name: string): string | undefined => {
  const found = findProgram(name);
  if (!found && process.env.CI_TOOLS === 'required') throw new Error(`Install ${name}, and put it on the PATH.`);
  return found;
};
const python = requireTool('python3');
const java = requireTool('java');

/** Its patterns say more than its formats. */
const matchesSchema = new Ajv2020({ validateFormats: false }).compile(JSON.parse(read('docs/line.schema.json')));

/** The lines that a program writes, each checked as ingest and CloudWatch would. */
const checkWritten = (program: string, args: string[], options: object = {}) => {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  const written = stdout.trim().split('\n');
  expect(written.flatMap((line) => checkLine(line) ?? [`no record: ${line} ${stderr}`])).toEqual([]);
  const lines = written.map((line) => JSON.parse(line));
  for (const line of lines) {
    expect([matchesSchema(line), matchesSchema.errors]).toEqual([true, null]);
    const { name, error_code, error_type, error_message, error_fingerprint } = line;
    if (error_code) expect(computeFingerprint(name, error_code, error_type, error_message)).toBe(error_fingerprint);
  }
  return lines;
};
const outcome = ({
  tool,
  service,
  success,
  fault = 'none',
  error,
  caller_error,
  cold_start,
}: Record<string, unknown>) => [`${service} ${tool} ${success} ${fault}`, [error, caller_error, cold_start]];

describe.runIf(python)('in Python', () => {
  const runPython = (program: string) =>
    checkWritten(python ?? '', ['-B', '-c', program], {
      cwd: join(root, 'examples/python'),
      env: { ...process.env, POWERTOOLS_SERVICE_NAME: 'shop' },
    });

  test('the documented program writes valid lines', () => {
    const program = /<!-- python use -->\n```python\n([\s\S]*?)```/.exec(document)?.[1] ?? '';
    expect(runPython(program).map(({ tool }) => tool)).toEqual([
      'webhook/wh_1',
      'http/GET /orders/{id}',
      'job/nightly',
    ]);
  });

  test('each run of a handler writes a line, and answers or raises as before', () => {
    const lines = runPython(`
import sys
from checkout import handler
answers = [handler({"items": ["tea"]}, None)["body"], handler({}, None)["statusCode"]]
try: handler({"items": [{"card": "4111 1111 1111 1111"}]}, None)
except TypeError as error: answers.append(type(error).__name__)
assert answers == ["Ordered: tea.", 400, "TypeError"], answers`);
    expect(lines.map(outcome)).toEqual([
      ['shop checkout true none', [0, 0, true]],
      ['shop checkout false caller', [0, 1, false]],
      ['shop checkout false ours', [1, 0, false]],
    ]);
  });
});

test.runIf(java)('the example in Java writes valid lines, whatever is in their texts', () => {
  const lines = checkWritten(java ?? '', [join(root, 'examples/java/ToolwatchLine.java'), 'checkout']);
  expect(lines.map(outcome)).toEqual([
    ['toolwatch checkout true none', [0, 0, true]],
    ['toolwatch checkout false caller', [0, 1, false]],
    ['toolwatch checkout false ours', [1, 0, false]],
  ]);
  expect(lines[2].error_message).toBe('line\nfeed "quoted" 😀');
});

test('a line that is not a record is skipped', () => {
  expect([checkLine('START RequestId: 1'), checkLine('{"level":"INFO"}'), checkLine(''), checkLine('17')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ['a prefix', `2026-11-20\tINFO\t${example}`, 'the line is not JSON'],
  ['another version', exampleWith({ schema: 'toolwatch.v9' }), 'rejected: schema is not toolwatch.v1'],
  ['a missing field', exampleWith({ attempts: undefined }), 'altered: attempts: missing'],
  ['an unknown code', exampleWith({ error_code: 'OOPS' }), 'altered: error_code: '],
  ['a success with an error', exampleWith({ success: true }), 'error_code is present on a success'],
  ['a failure without a fault', exampleWith({ fault: undefined }), 'fault is missing on a failure'],
  [
    'a time that differs from its id',
    exampleWith({ started_at: '2026-11-20T18:40:00.001Z' }),
    'started_at is not the time inside',
  ],
  [
    'an end before its start',
    exampleWith({ finished_at: '2026-11-20T18:39:00.000Z' }),
    'finished_at is before started_at',
  ],
  ['no metrics', exampleWith({ _aws: undefined }), '_aws.CloudWatchMetrics is missing'],
  ['a caller’s fault in the error rate', exampleWith({ fault: 'caller' }), 'error is among the metrics of a call'],
  ['a metric that is text', exampleWith({ error: '1' }), 'error is a metric but not a number'],
  ['a missing dimension', exampleWith({ tool: undefined }), 'tool is a dimension but not a string'],
  ['a level that log filters drop', exampleWith({ level: 'DEBUG' }), 'level is not one of'],
  ['a NUL', exampleWith({ user_agent: 'a\u0000b' }), 'altered: user_agent: '],
  ['a tenant that means every tenant', exampleWith({ tenant_id: '*' }), 'altered: tenant_id: '],
  ['an id that is none', exampleWith({ event_id: 'order-1' }), 'rejected: event_id: not a UUID'],
  ['a time without an offset', exampleWith({ started_at: '2026-11-20T18:40:00.000000' }), 'rejected: started_at: '],
  ['a name for a metric that CloudWatch does not take', exampleWith({ tool: 'prüfung' }), 'tool is a dimension'],
  ['too many bytes', exampleWith({ metadata: { note: 'x'.repeat(40_000) } }), 'the line is longer than'],
])('the problem of a line with %s is reported', (_, line, problem) =>
  expect(checkLine(line)).toContainEqual(expect.stringContaining(problem)),
);

test('the command checks a whole log', () => {
  const check = (input: string) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'bin/check-line.ts'], { cwd: root, input, encoding: 'utf8' });
  const invalid = check(`START\n${example}\n${exampleWith({ fault: undefined })}\n`);
  expect([invalid.status, invalid.stdout]).toEqual([
    1,
    'line 3: fault is missing on a failure\n2 records in 3 lines, 1 of them wrong\n',
  ]);
  expect([check(`${example}\n`).status, check('nothing\n').status]).toEqual([0, 2]);
});
