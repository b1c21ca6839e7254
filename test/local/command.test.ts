import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MAX_ANSWER_BYTES } from '../../lambdas/contract/sql.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { root } from '../support/source-files.ts';

let local: LocalRun;
const folder = mkdtempSync(join(tmpdir(), 'toolwatch-sql-'));
beforeAll(async () => {
  local = await startLocalRun();
  const client = await local.client();
  await client.callTool({ name: 'regex_search', arguments: { pattern: 'a', text: 'a' } });
  await client.close();
  await vi.waitFor(async () => expect(await local.rows('select from analytics.tool_invocations')).toHaveLength(1), {
    timeout: 30_000,
  });
  await local.refresh();
});
afterAll(async () => {
  await local?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command as a person does. */
const runToolwatch = async (args: string[], { input = '', env = {} } = {}): Promise<Ended> => {
  const child = spawn(process.execPath, [join(root, 'bin/toolwatch.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  child.stdin.on('error', () => {}); // it ended without reading
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
};
const runCommand = (args: string[], options = {}) => runToolwatch(['sql', ...args], options);
const onThisMachine = () => ['--data', local.folder];
const ask = (args: string[], options = {}) => runCommand([...onThisMachine(), ...args], options);
/** As in AWS: the endpoint, and the keys of somebody. */
const withKeys = (key: string) => ({
  AWS_ENDPOINT_URL: local.cloud.endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: key,
  AWS_SECRET_ACCESS_KEY: key,
});

const linesOfSql = () =>
  local.cloud.logs.read('/toolwatch/sql').flatMap(({ message }) => {
    try {
      return [JSON.parse(message) as Record<string, unknown>];
    } catch {
      return [];
    }
  });

describe('toolwatch sql', () => {
  test('answers in each format', async () => {
    const statement =
      'select tool_name, total_invocations, null as nothing from tool_health_summary where total_invocations > 0';
    expect(await ask([statement])).toEqual({
      status: 0,
      stdout: 'tool_name,total_invocations,nothing\nregex_search,1,\n',
      stderr: '',
    });
    const table = await ask([statement, '--format', 'table']);
    expect(table.stdout.split('\n')).toEqual([
      'tool_name     total_invocations  nothing',
      '------------  -----------------  -------',
      'regex_search                  1  NULL',
      '(1 row)',
      '',
    ]);
    expect(JSON.parse((await ask([statement, '--json'])).stdout)).toMatchObject({
      rows: [{ tool_name: 'regex_search', total_invocations: 1, nothing: null }],
      left_off: null,
    });
  });

  test('reads the statement from a file and from standard input', async () => {
    const file = join(folder, 'q.sql');
    writeFileSync(file, 'select 1 as one;\n');
    expect((await ask(['--file', file])).stdout).toBe('one\n1\n');
    expect((await ask([], { input: 'select 2 as two' })).stdout).toBe('two\n2\n');
    expect((await ask(['--', '-- four\nselect 4 as four'])).stdout).toBe('four\n4\n');
    expect((await ask(['-'], { input: '-- three\nselect 3 as three' })).stdout).toBe('three\n3\n');
  });

  test("sees one tenant's calls only", async () => {
    const statement = 'select count(*) from tool_invocations';
    expect((await ask([statement, '--tenant', 'nobody'])).stdout).toBe('count\n0\n');
    expect((await ask([statement])).stdout).toBe('count\n1\n');
  });

  test('says what the database says, and where', async () => {
    expect(await ask(['select nme from invocations'])).toEqual({
      status: 1,
      stdout: '',
      stderr: [
        'column "nme" does not exist',
        'line 1: select nme from invocations',
        '               ^',
        'Perhaps you meant to reference the column "invocations.name".',
        '',
      ].join('\n'),
    });
    const changed = await ask(['with gone as (delete from invocations returning 1) select * from gone', '--json']);
    expect([changed.status, JSON.parse(changed.stdout)]).toEqual([1, { error: expect.anything() }]);
    expect(await local.rows('select count(*) from analytics.tool_invocations')).toEqual([{ count: '1' }]);
  });

  test('says which rows it leaves off, of those that fit into an answer of Lambda', async () => {
    const { status, stdout, stderr } = await ask([
      "select repeat('x', 1000) from generate_series(1, 9000)",
      '--limit',
      '10000',
    ]);
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(0.9 * MAX_ANSWER_BYTES);
    expect(stderr).toMatch(/^Only the first \d+ rows are here: an answer has at most 5 MB\. To see the others, narrow/);
  });

  test('writes a line of who asks for what, and one of how it ended', async () => {
    await ask(["select 'who asks' -- password=hunter2hunter2"]);
    await expect
      .poll(() => linesOfSql().filter(({ statement }) => String(statement).includes('who asks')))
      .toHaveLength(1);
    const asked = linesOfSql().find(({ statement }) => String(statement).includes('who asks')) ?? {};
    expect(asked).toMatchObject({ asked_by: 'arn:aws:iam::000000000000:user/operator', scope: 'operator' });
    expect(asked.statement).not.toContain('hunter2');
    await expect
      .poll(() => linesOfSql().find((line) => line.request_id === asked.request_id && line.outcome !== undefined))
      .toMatchObject({ outcome: 'answered', rows: 1, all_rows: true, asked_by: asked.asked_by });
  });

  test('asks AWS with the keys of the environment, and says what is missing', async () => {
    expect((await runCommand(['select 1 as one'], { env: withKeys('operator') })).stdout).toBe('one\n1\n');
    const withoutFunction = await runCommand(['select 1', '--function', 'other-sql'], { env: withKeys('operator') });
    expect(withoutFunction).toMatchObject({ status: 2, stderr: expect.stringContaining('the setting sql: true') });
    const gateway = local.cloud.lambda.functions().find(({ name }) => name === 'toolwatch-gateway');
    const { accessKeyId, secretAccessKey, sessionToken } = local.cloud.iam.credentialsOf(
      gateway?.latest.configuration.role ?? '',
    );
    const keys = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
    const denied = await runCommand(['select 1'], { env: { ...withKeys(''), ...keys } });
    expect(denied).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('lambda:InvokeFunction on toolwatch-sql'),
    });
  });

  test.each([
    [['--limit', '0', 'select 1'], '--limit expects a number of rows'],
    [['--format', 'xml', 'select 1'], 'Invalid value for argument: --format (xml). Expected one of: table, csv, json.'],
    [['--json', '--format', 'csv', 'select 1'], 'not both'],
    [['--tennant', 'a', 'select 1'], 'no option --tennant'],
    [['select', '1'], 'in quotes'],
    [['--file', 'no-such-file.sql'], 'no-such-file.sql cannot be read: ENOENT: no such file'],
    [['--file', root], `${root} cannot be read: EISDIR`],
    [['--file'], '--file expects a value'],
    [['select 1', '--tenant'], '--tenant expects a value'],
    [['select 1', '--tenant', '*'], 'tenant: it is the name of one tenant'],
    [['-- all of them\nselect 1'], 'toolwatch sql -- "…"'],
    [['--settings', 'no-such.json', 'select 1'], 'There is no no-such.json'],
  ])('%j is a sentence', async (args, sentence) => {
    expect(await ask(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(sentence) });
  });

  test('says what to do where AWS is not known', async () => {
    const env = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined, AWS_CONFIG_FILE: join(folder, 'none') };
    const { status, stderr } = await runCommand(['select 1'], { env });
    expect([status, stderr]).toEqual([
      2,
      'Region is missing: sign in to AWS as for the AWS CLI, or write --local for the npm start that runs on this machine.\n',
    ]);
  });

  test('says when nothing runs on this machine', async () => {
    const { status, stderr } = await runCommand(['--data', folder, 'select 1']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('start it with npm start')]);
  });
});

/** The subjects of the mails about something. */
const mailsAbout = (text: string) =>
  local.events.deliveries.filter(({ protocol, subject }) => protocol === 'email' && subject.includes(text));

describe('toolwatch notify', () => {
  const notify = (args: string[]) => runToolwatch(['notify', ...onThisMachine(), ...args]);

  test('notifies people, joins what has one thread until its end, and is in the audit', async () => {
    const thread = ['--thread', 'import'];
    const lines = ['--line', 'It began at 2.', '--line=Nobody is affected.'];
    const link = ['--link', 'Import=https://import.example.com/?a=b'];
    const opened = await notify(['The import is late', ...thread, ...lines, ...link]);
    expect(opened).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^The notifier has it, as [\da-f-]{36}\.\n$/),
      stderr: '',
    });
    expect(await notify(['The import is done', ...thread, '--resolve'])).toMatchObject({ status: 0 });
    await expect
      .poll(() => mailsAbout('The import').map(({ subject }) => subject), { timeout: 30_000 })
      .toEqual(['ALARM: The import is late', 'OK: The import is done']);
    const [mail] = mailsAbout('The import is late');
    const text = mail?.message;
    for (const part of ['It began at 2.', 'Nobody is affected.', 'Import: https://import.example.com/?a=b'])
      expect(text).toContain(part);
    const audit = 'select actor, actor_kind, action, target, success from ops.audit order by at';
    await expect
      .poll(() => local.rows(audit), { timeout: 30_000 })
      .toEqual(
        [1, 2].map(() => ({
          actor: 'arn:aws:iam::000000000000:user/operator',
          actor_kind: 'stated',
          action: 'notice.requested',
          target: 'import',
          success: true,
        })),
      );
  });

  test.each([
    [['a', '--severity', 'fatal'], 'Expected one of: critical, warning, info'],
    [['a', '--resolve'], 'only a thread can be over'],
    [['a', '--link', 'http://example.com'], 'https://'],
    [['two', 'words'], 'in quotes'],
    [['a', '--tenant', 'acme'], 'no option --tenant'],
  ])('%j is a sentence', async (args, sentence) => {
    expect(await notify(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(sentence) });
  });
});

describe('toolwatch mute, report and drill', () => {
  const run = (...args: string[]) => runToolwatch([...args, ...onThisMachine()]);

  test('a mute is made, listed with its reason, and ended', async () => {
    const made = await run('mute', 'tool', 'order_status', '--for', '1h', '--reason', 'planned work', '--json');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    const { id, reason, alarms_total } = JSON.parse(made.stdout).mutes[0];
    expect({ reason, hasAlarms: alarms_total > 0 }).toEqual({ reason: 'planned work', hasAlarms: true });
    expect((await run('mute', 'list')).stdout).toContain('planned work');
    expect(await run('mute', 'end', id)).toMatchObject({ status: 0, stderr: '' });
    expect((await run('mute', 'list', '--json')).stdout).not.toContain(id);
  });

  test('a week is summed up until a day, with what nobody has looked at yet', async () => {
    const now = Date.now();
    const tomorrow = new Date(now + 86_400_000).toISOString();
    const [day, month, year] = new Date(now).toUTCString().split(' ').slice(1, 4);
    const { status, stdout, stderr } = await run('report', '--until', tomorrow);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`–${Number(day)} ${month} ${year}: `);
    expect(stdout).toMatch(/there was no self-check yet|self-check of/);
    expect(await run('report', '--until', 'yesterday')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Parameter until'),
    });
  });

  test('before the first drill there is nothing to show, and nothing to confirm', async () => {
    expect(await run('drill', '--last')).toMatchObject({ status: 0, stderr: '' });
    expect(await run('drill', '--confirm', 'chat')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('There was none yet'),
    });
  });
});

describe('toolwatch status, alarms, tools, calls, tail, incidents and export', () => {
  const run = (...args: string[]) => runToolwatch([...args, ...onThisMachine()]);
  const firing = () => local.cloud.alarms.report().filter(({ state }) => state === 'ALARM');

  test('tools, calls and alarms are shown as tables and as JSON', async () => {
    expect((await run('tools')).stdout).toMatch(/^verdict +tool .*\n(.*\n)*?.*regex_search +1 +0 \(0\.0 %\)/);
    const { calls } = JSON.parse((await run('calls', '--tool', 'regex_search', '--json')).stdout);
    expect(calls).toMatchObject([{ name: 'regex_search', success: true }]);
    const one = await run('calls', calls[0].event_id);
    expect(one).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining(calls[0].correlation_id) });
    const alarm = await run('alarms', 'tool/order_status/failing');
    expect(alarm.stdout).toMatch(/^do +\S/m);
    expect(alarm.stdout).toContain('docs/runbook.md, tool/*/failing');
    expect((await run('alarms', '--state', 'broken')).stderr).toContain('Parameter state');
    expect((await run('alarms', '--tool', 'nobody')).stdout).toBe('No alarm of the tool nobody is there.\n');
    expect((await run('errors', 'list', '--tool', 'nobody')).stdout).toBe('There are no such groups of failures.\n');
  });

  test('status says by its exit code whether something is broken, or that it cannot tell', async () => {
    const before = await run('status', '--json');
    const { state, unknown } = JSON.parse(before.stdout);
    expect([unknown, before.status]).toEqual([[], state === 'ok' ? 0 : 1]);
    const dropped = { namespace: 'Toolwatch', name: 'telemetry_dropped', dimensions: { service: 'toolwatch' } };
    // In every minute that an alarm may look at meanwhile, so that it goes on firing.
    for (let minute = -15; minute <= 5; minute += 1) local.cloud.metrics.put(dropped, 5, Date.now() + minute * 60_000);
    local.cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
    expect(firing().map(({ name }) => name)).toContain('pipeline/telemetry-dropped');
    const broken = await run('status');
    expect(broken.status).toBe(1);
    expect(broken.stdout).toContain('pipeline/telemetry-dropped');
    const env = { ...withKeys('nobody'), AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const unreachable = await runToolwatch(['status', '--json'], { env: { ...env, AWS_MAX_ATTEMPTS: '1' } });
    expect([unreachable.status, JSON.parse(unreachable.stdout)]).toMatchObject([2, { state: 'unknown' }]);
  });

  test('tail prints the calls of the last minutes once each and ends after so many', async () => {
    const { status, stdout, stderr } = await run(
      'tail',
      '--since',
      '60',
      '--count',
      '1',
      '--tool',
      'regex_search',
      '--json',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ name: 'regex_search' }]);
    expect((await run('tail', '--count', 'x')).stderr).toContain('--count expects a number');
  });

  test('incidents are listed, and one that is none is refused in a sentence', async () => {
    expect(await run('incidents')).toMatchObject({ status: 0, stdout: expect.stringContaining('Open now: ') });
    expect((await run('incidents', 'nothing')).status).toBe(2);
  });

  test('an incident that is acknowledged says by whom, also in status', async () => {
    const id = 'tool/order_status@2026-11-20T12:00:00.000Z';
    await local.rows(`insert into ops.incident_messages (
        message_id, incident_id, cause, kind, severity, alarm, members, began_at, notified_at, title
      ) values (
        gen_random_uuid(), '${id}', 'tool/order_status', 'opened', 'critical', 'tool/order_status/failing',
        array['tool/order_status/failing'], now(), now(), 'order_status fails'
      )`);
    expect(await run('ack', id, '--note', 'I call the shop.')).toMatchObject({ status: 0, stderr: '' });
    const acknowledged = `select from ops.audit where action = 'incident.acknowledged' and target = '${id}'`;
    await expect.poll(() => local.rows(acknowledged), { timeout: 30_000 }).toHaveLength(1);
    expect((await run('incidents', id)).stdout).toMatch(/^acknowledged +by arn:.*: I call the shop\.$/m);
    expect((await run('status')).stdout).toContain('(acknowledged by arn:aws:iam::000000000000:user/operator)');
  });

  test('an export has every call once, and is not written over', async () => {
    const file = join(folder, 'calls.csv');
    const [from, to] = [-86_400_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const args = ['export', file, '--from', from ?? '', '--to', to ?? '', '--tool', 'regex_search'];
    expect(await run(...args)).toMatchObject({ status: 0, stdout: '', stderr: `1 calls are in ${file}.\n` });
    const [header, row, end] = readFileSync(file, 'utf8').split('\n');
    expect([header?.startsWith('event_id,started_at,kind,name'), row?.includes(',tool,regex_search,'), end]).toEqual([
      true,
      true,
      '',
    ]);
    expect(readdirSync(folder).filter((name) => name.startsWith('calls'))).toEqual(['calls.csv']);
    expect((await run(...args)).stderr).toContain('is there already');
  });

  test('a shell completes commands, options and their values', async () => {
    const { stdout } = await runToolwatch(['complete', '--', 'errors', '']);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['list\t', 'show\t']));
    expect((await runToolwatch(['complete', '--', 'status', '--wat'])).stdout).toContain('--watch\t');
    expect((await runToolwatch(['complete', 'bash'])).stdout).toContain('toolwatch complete --');
    expect(await runToolwatch(['complete', 'tcsh'])).toMatchObject({ status: 2, stdout: '' });
  });
});

test('a deployment that fails is mailed to those of warnings, once, and that it was rolled back', async () => {
  const id = 'arn:aws:cloudformation:us-east-1:000000000000:stack/ToolwatchApp/1';
  const say = (status: string, stack = id) =>
    local.cloud.eventBus.put({
      source: 'aws.cloudformation',
      detailType: 'CloudFormation Stack Status Change',
      resources: [stack],
      detail: { 'stack-id': stack, 'status-details': { status, 'status-reason': 'order_status failed' } },
    });
  // Events have whole seconds, and the last deployment has just been.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_000 });
  for (const status of ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE']) {
    vi.setSystemTime(Date.now() + 1_000);
    say(status);
    say('UPDATE_IN_PROGRESS', id.replace('ToolwatchApp', 'SomebodyElse'));
  }
  vi.useRealTimers();
  const subjects = () => mailsAbout('A deployment').map(({ subject }) => subject.slice(0, 41));
  await expect
    .poll(subjects, { timeout: 30_000 })
    .toEqual([
      expect.stringContaining('A deployment fails'),
      expect.stringContaining('A deployment failed and was rolled back'),
    ]);
});

test('no request was refused but that of the gateway', () => {
  expect(local.events.refusals.filter(({ principal }) => !/Gateway/.test(principal))).toEqual([]);
});
