import {
  type AlarmContributor,
  CloudWatchClient,
  DescribeAlarmContributorsCommand,
  DescribeAlarmsCommand,
  ListAlarmMuteRulesCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AlarmsReport,
  alarmsQuery,
  alarmsReport,
  POSITION,
} from '../../../lambdas/contract/alarms/alarms-report.ts';
import { createAlarmHandlers } from '../../../lambdas/operate/alarms.ts';

/** The tools for which a grouped alarm fires, by the name of the alarm; CloudWatch answers with a hundred at a time. */
type ToolsOf = Readonly<Record<string, readonly string[]>>;

const pageOfContributors = (tools: readonly string[], token = '0') => {
  const end = Number(token) + 100;
  const AlarmContributors: AlarmContributor[] = tools.slice(Number(token), end).map((tool) => ({
    ...{ ContributorId: tool, ContributorAttributes: { tool }, StateReason: 'It fails.' },
  }));
  return { AlarmContributors, ...(end < tools.length && { NextToken: String(end) }) };
};

/** CloudWatch with these alarms and nothing else. */
const cloudwatchWith = (alarms: readonly MetricAlarm[], toolsOf: ToolsOf, asked: string[]) => {
  const client = new CloudWatchClient({ region: 'us-east-1' });
  client.send = (async (command: object) => {
    if (command instanceof ListAlarmMuteRulesCommand) return { AlarmMuteRuleSummaries: [] };
    if (command instanceof DescribeAlarmContributorsCommand) {
      const { AlarmName = '', NextToken } = command.input;
      asked.push(AlarmName);
      return pageOfContributors(toolsOf[AlarmName] ?? [], NextToken);
    }
    if (!(command instanceof DescribeAlarmsCommand)) throw new Error('nobody asks for this');
    const { StateValue } = command.input;
    return { MetricAlarms: alarms.filter((each) => StateValue === undefined || each.StateValue === StateValue) };
  }) as never;
  return client;
};

const ask = (
  alarms: readonly MetricAlarm[],
  query: object,
  { toolsOf = {}, asked = [] }: { toolsOf?: ToolsOf; asked?: string[] } = {},
): Promise<AlarmsReport> => {
  const cloudwatch = cloudwatchWith(alarms, toolsOf, asked);
  const parts = { cloudwatch, deployment: 'toolwatch', alarmPrefix: '', advice: {} };
  const { perform } = createAlarmHandlers(parts)['GET /v1/alarms'];
  return perform({ query: alarmsQuery.parse(query), body: {}, parameters: {}, actor: {} as never });
};

const anAlarm = (AlarmName: string, rest: Partial<MetricAlarm> = {}): MetricAlarm => ({
  AlarmName,
  AlarmDescription: 'It fails.\nSeverity: warning. Owner: shop.\nRunbook: docs/runbook.md',
  StateValue: 'OK',
  ...rest,
});

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((text) => `tool/${text}/slow`);
const deployed = fc.uniqueArray(
  fc.record({
    AlarmName: name,
    severity: fc.constantFrom('critical', 'warning'),
    StateValue: fc.constantFrom('ALARM', 'OK', 'INSUFFICIENT_DATA'),
    StateReason: fc.string({ unit: 'binary', maxLength: 3_000 }),
    ActionsEnabled: fc.boolean(),
  }),
  { selector: ({ AlarmName }) => AlarmName, maxLength: 40 },
);

test('the pages of any alarms are all of them once, in the order of their urgency', async () => {
  const property = fc.asyncProperty(deployed, fc.integer({ min: 3, max: 20 }), async (found, limit) => {
    const alarms = found.map(({ severity, ...rest }) =>
      anAlarm(rest.AlarmName, {
        ...(rest as Partial<MetricAlarm>),
        AlarmDescription: `It fails.\nSeverity: ${severity}. Owner: shop.`,
      }),
    );
    const shown: AlarmsReport['alarms'] = [];
    let after: string | undefined;
    do {
      const page = alarmsReport.parse(await ask(alarms, { limit, ...(after !== undefined && { after }) }));
      expect(page.alarms.length).toBeLessThanOrEqual(limit);
      expect(page.total).toBe(alarms.length);
      shown.push(...page.alarms);
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(shown.map((each) => each.name).sort()).toEqual(alarms.map(({ AlarmName = '' }) => AlarmName).sort());
    const ranks = shown.map(
      ({ state, severity }) => ['firing', 'no_data', 'ok'].indexOf(state) * 2 + Number(severity === 'warning'),
    );
    expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
  });
  await fc.assert(property, { numRuns: 30 });
});

test('a place in the list that nobody gave is refused, or is a place like any other', async () => {
  const alarms = ['tool/a/slow', 'tool/b/slow'].map((each) => anAlarm(each));
  const property = fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (after) => {
    const read = alarmsQuery.safeParse({ after });
    expect(read.success).toBe(after.length <= 300 && POSITION.test(after));
    if (read.success) expect((await ask(alarms, { after })).alarms.length).toBeLessThanOrEqual(2);
  });
  await fc.assert(property);
  expect((await ask(alarms, { after: 'ok:warning:tool/a/slow.removed' })).alarms).toMatchObject([
    { name: 'tool/b/slow' },
  ]);
});

test('an alarm of another deployment, or of somebody else, is not there', async () => {
  const others = [
    anAlarm('staging/tool/a/slow'),
    anAlarm('cpu-high'),
    anAlarm('tool/a/slow', { AlarmDescription: 'made by hand' }),
  ];
  expect(await ask(others, {})).toEqual({ alarms: [], total: 0, next: null });
});

test('what its description says is in the answer, without what is no address', async () => {
  const AlarmDescription = [
    'Severity: it is bad.',
    'Two windows are bad.',
    'Severity: critical. Owner: the shop. Team 2.',
    'Runbook: https://wiki.example.com/runbook#toolslow',
    'Logs: javascript:alert(1)',
    'Dashboard: https://example.com/d',
  ].join('\n');
  const found = anAlarm('tool/a/slow', { AlarmDescription, ActionsEnabled: false, AlarmActions: ['arn:t'] });
  const { alarms } = await ask([found, anAlarm('tool/a/failing/long-window')], {});
  expect(alarms).toMatchObject([
    {
      ...{ severity: 'critical', owner: 'the shop. Team 2', logs_url: null, actions: 'off' },
      runbook: { heading: 'tool/*/slow', url: 'https://wiki.example.com/runbook#toolslow' },
    },
    { name: 'tool/a/failing/long-window', actions: 'none', runbook: { heading: 'tool/*/failing' } },
  ]);
  expect(alarms[0]?.means).toContain('Two windows are bad.');
});

test('the alarm that fires while all is well, a drill and a part of another differ from trouble', async () => {
  const firing: Partial<MetricAlarm> = { StateValue: 'ALARM', AlarmActions: ['arn:t'] };
  const names = ['pipeline/notifier-works', 'drill/warning', 'tool/a/slow', 'tool/b/slow'];
  const part = anAlarm('tool/a/failing/long-window', { StateValue: 'ALARM' });
  const quiet = anAlarm('tool/c/slow', { StateValue: 'INSUFFICIENT_DATA', AlarmActions: ['arn:t'] });
  const { alarms } = await ask([...names.map((each) => anAlarm(each, firing)), part, quiet], {});
  expect(alarms.map((each) => [each.name, each.firing_means])).toEqual([
    ['drill/warning', 'drill'],
    ['tool/a/failing/long-window', 'part_of_another'],
    ['tool/a/slow', 'something_is_wrong'],
    ['tool/b/slow', 'something_is_wrong'],
    ['tool/c/slow', 'something_is_wrong'],
    ['pipeline/notifier-works', 'all_is_well'],
  ]);
});

describe('alarms over many names', () => {
  const grouped = (name: string): MetricAlarm =>
    anAlarm(name, { StateValue: 'ALARM', Metrics: [{ Id: 'q', Expression: 'SELECT MAX(x) FROM s GROUP BY tool' }] });
  const manyTools = Array.from({ length: 250 }, (_, at) => `tool_${at}`);

  test('are found by each of the tools for which they fire, which is their first', async () => {
    const toolsOf = { 'tools/trickle': manyTools, 'tools/new-errors': ['other'] };
    const alarms = [...Object.keys(toolsOf).map(grouped), anAlarm('tool/tool_249/slow'), anAlarm('tool/other/slow')];
    const found = alarmsReport.parse(await ask(alarms, { tool: 'tool_249' }, { toolsOf }));
    expect(found.alarms.map(({ name }) => name)).toEqual(['tools/trickle', 'tool/tool_249/slow']);
    expect([found.total, found.alarms[0]?.contributors.length, found.alarms[0]?.contributors[0]?.tool]).toEqual([
      ...[2, 50, 'tool_249'],
    ]);
  });

  test('are asked for their names only where the answer needs them', async () => {
    const names = ['tools/burning-fast', 'tools/new-errors', 'tools/trickle'];
    const contributorsAskedBy = async (query: object) => {
      const asked: string[] = [];
      await ask(names.map(grouped), query, { asked });
      return asked;
    };
    expect(await contributorsAskedBy({ name: 'tools/trickle' })).toEqual(['tools/trickle']);
    expect(await contributorsAskedBy({ severity: 'critical', tool: 'a' })).toEqual([]);
    expect(await contributorsAskedBy({ limit: 1 })).toEqual(['tools/burning-fast']);
    expect((await contributorsAskedBy({ tool: 'a' })).sort()).toEqual(names);
  });
});
