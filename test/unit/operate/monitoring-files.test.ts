import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { settingsFrom } from '../../../lib/settings.ts';
import { buildMonitoringFiles } from '../../../operate/monitoring-files/build-files.ts';
import { buildDashboards } from '../../../operate/monitoring-files/dashboards.ts';
import { readOutputs } from '../../../operate/monitoring-files/read-outputs.ts';
import { buildRules } from '../../../operate/monitoring-files/rules.ts';
import { PROMTOOL } from '../../support/prometheus.ts';
import { read, root } from '../../support/source-files.ts';
import { aTool } from '../../support/synthesized.ts';

const TOOLS = [
  aTool({ name: 'weather', timeoutSeconds: 30, alarms: { p95Ms: 2_000, errorRate: 0.1, silentAfterMinutes: 30 } })
    .facts,
  aTool({ name: 'tides', timeoutSeconds: 5, alarms: { owner: 'coast' } }).facts,
];
const IAM = { kind: 'function-url' } as const;
const settings = settingsFrom({ frontDoor: IAM, runbookUrl: 'https://wiki.example.com/runbook' });
const rules = buildRules(TOOLS, settings);
const addresses = { api: new URL('https://tools.example.com/ops'), prometheus: new URL('http://prometheus:9090') };

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-monitoring-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The expressions of all panels, with the variables of Grafana replaced. */
const panelExpressions = Object.values(buildDashboards()).flatMap(({ panels = [] }) =>
  panels.flatMap((panel) =>
    ('targets' in panel ? (panel.targets ?? []) : []).map((target) =>
      String((target as { expr?: string }).expr).replaceAll('$tool', 'weather'),
    ),
  ),
);
const ruleExpressions = rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr));

test('each tool has the rules that its facts allow, with its own thresholds and owner', () => {
  const ofTools = rules.groups[0]?.rules.map(
    ({ alert, labels }) => `${labels.tool} ${alert} ${labels.severity} ${labels.owner}`,
  );
  expect(ofTools).toEqual([
    'weather ToolFailing critical platform',
    'weather ToolSlow warning platform',
    'weather ToolVerySlow critical platform',
    'weather ToolSilent warning platform',
    'tides ToolFailing critical coast',
    'tides ToolSlow warning coast',
  ]);
  expect(ruleExpressions[1]).toContain(' > 2 and ');
  expect(rules.groups[0]?.rules[0]?.annotations.runbook_url).toBe('https://wiki.example.com/runbook#toolfailing');
});

test('every metric that a rule or a dashboard reads is one that the documents list', () => {
  const documented = read('docs/prometheus.md');
  const names = [...ruleExpressions, ...panelExpressions].flatMap((expr) =>
    [...expr.matchAll(/\b([a-z]+(?:_[a-z0-9]+)+)(?=[{[ ]|$)/g)].map(([, name = '']) => name.replace(/_bucket$/, '')),
  );
  const unknown = [...new Set(names)].filter(
    (name) => name !== 'histogram_quantile' && !documented.includes(`\`${name}\``),
  );
  expect(unknown).toEqual([]);
  expect(new Set(names).size).toBeGreaterThan(12);
});

test('the scrape configuration signs in where the front door verifies tokens, and nowhere else', () => {
  const jwt = { issuer: 'https://issuer.example.com', audience: ['toolwatch'], scopes: ['tools.call'] };
  const ofTenants = { ...jwt, tenantClaim: 'tenant', operatorScope: 'tools.operate' };
  const scrapeOf = (given: object) =>
    parse(buildMonitoringFiles(TOOLS, settingsFrom(given), addresses)['prometheus/prometheus.yml'] ?? '')
      .scrape_configs[0];
  expect(scrapeOf({ frontDoor: IAM })).toEqual({
    job_name: 'toolwatch',
    scheme: 'https',
    metrics_path: '/ops/metrics',
    static_configs: [{ targets: ['tools.example.com'] }],
  });
  expect(scrapeOf({ frontDoor: { kind: 'http-api', jwt } }).oauth2).toMatchObject({
    token_url: 'https://issuer.example.com/oauth2/token',
    scopes: ['tools.call'],
  });
  expect(scrapeOf({ frontDoor: { kind: 'http-api', jwt: ofTenants }, tenants: true }).oauth2.scopes).toEqual([
    'tools.operate',
  ]);
});

const machine = {
  clientId: '1h57',
  tokenUrl: 'https://shop.auth.example.com/oauth2/token',
  secretFile: '/run/secret',
};

describe('with the issuer that the stack makes', () => {
  const own = settingsFrom({ service: 'shop' });

  test('Prometheus signs in as its machine, with the right to the metrics alone', () => {
    const files = buildMonitoringFiles(TOOLS, own, { ...addresses, machine });
    expect(parse(files['prometheus/prometheus.yml'] ?? '').scrape_configs[0].oauth2).toEqual({
      client_id: '1h57',
      client_secret_file: '/run/secret',
      token_url: 'https://shop.auth.example.com/oauth2/token',
      scopes: ['shop/metrics'],
    });
  });

  test('and where there is no machine for it, a sentence says how to make one', () => {
    expect(() => buildMonitoringFiles(TOOLS, own, addresses)).toThrow(
      /Add \{ name: 'prometheus', may: \['metrics'\] \} to the setting frontDoor\.signIn\.machines, deploy with --outputs-file/,
    );
  });

  test('the addresses are read from what cdk deploy wrote', () => {
    const file = join(folder, 'outputs.json');
    writeFileSync(file, JSON.stringify({ ShopData: { Vpc: 'x' }, ShopApp: { ApiUrl: 'https://shop.example.com/' } }));
    expect(readOutputs(file)).toEqual({ Vpc: 'x', ApiUrl: 'https://shop.example.com/' });
    for (const text of ['[]', '{"ShopApp":']) {
      writeFileSync(file, text);
      expect(() => readOutputs(file), text).toThrow('is not what cdk deploy --outputs-file writes');
    }
    expect(() => readOutputs(join(folder, 'missing.json'))).toThrow(/^There is no file .*missing\.json/);
  });
});

describe.skipIf(!PROMTOOL)('promtool (skipped without it)', () => {
  const promtool = (...args: string[]) => spawnSync(PROMTOOL ?? '', args, { cwd: folder, encoding: 'utf8' });

  test('accepts the configuration, the rules, and the expression of every panel', () => {
    const files = buildMonitoringFiles(TOOLS, settingsFrom({}), { ...addresses, machine });
    writeFileSync(join(folder, 'toolwatch-rules.yml'), files['prometheus/toolwatch-rules.yml'] ?? '');
    writeFileSync(join(folder, 'prometheus.yml'), files['prometheus/prometheus.yml'] ?? '');
    const panels = panelExpressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
    writeFileSync(join(folder, 'panels.yml'), stringify({ groups: [{ name: 'panels', rules: panels }] }));
    for (const args of [
      ['config', 'prometheus.yml'],
      ['rules', 'panels.yml'],
    ]) {
      const { status, stderr, stdout } = promtool('check', ...args);
      expect(status, stdout + stderr).toBe(0);
    }
  });

  /** Two calls a minute that succeed, from long before on. */
  const calls = { series: 'tool_executions_total{tool="weather",status="success"}', values: '1000+2x90' };
  const failing = (fault: string) => [
    { series: 'tool_executions_total{tool="weather",status="error"}', values: '_x60 1+1x30' },
    { series: `errors_total{source="tool/weather",type="INTERNAL_ERROR",fault="${fault}"}`, values: '_x60 1+1x30' },
  ];
  const bucket = (le: string) => `tool_execution_duration_seconds_bucket{tool="weather",le="${le}"}`;
  test.each<[string, { series: string; values: string }[], string, string[]]>([
    ['our failures, whose series begins with them', [calls, ...failing('ours')], '80m', ['ToolFailing']],
    ['failures that are over for longer than the alarms look back', [calls, ...failing('ours')], '50m', []],
    ['callers’ mistakes', [calls, ...failing('caller')], '80m', []],
    [
      'a store with a past that Prometheus has just begun to read',
      [
        { ...calls, values: '_x79 1000+2x20' },
        { series: 'errors_total{source="tool/weather",fault="ours"}', values: '_x79 500x20' },
      ],
      '85m',
      [],
    ],
    [
      'slow calls',
      [
        calls,
        { series: bucket('2.5'), values: '0x90' },
        { series: bucket('5'), values: '0+2x90' },
        { series: bucket('+Inf'), values: '0+2x90' },
      ],
      '80m',
      ['ToolSlow'],
    ],
    [
      'very slow calls',
      [
        calls,
        { series: bucket('10'), values: '0x90' },
        { series: bucket('30'), values: '0+2x90' },
        { series: bucket('+Inf'), values: '0+2x90' },
      ],
      '80m',
      ['ToolSlow', 'ToolVerySlow'],
    ],
    ['no calls at all', [{ ...calls, values: '1000x90' }], '80m', ['ToolSilent']],
    ['an api that is not there', [{ series: 'up{job="toolwatch"}', values: '0x90' }], '80m', ['ToolwatchUnreachable']],
    [
      'a store that is not refreshed',
      [{ series: 'toolwatch_summaries_age_seconds', values: '0+60x90' }],
      '80m',
      ['ToolwatchSummariesOld'],
    ],
    [
      'an unhealthy component',
      [{ series: 'health_check_status{component="database"}', values: '0x90' }],
      '80m',
      ['ToolwatchComponentUnhealthy'],
    ],
    ['all well', [calls, { series: 'up{job="toolwatch"}', values: '1x90' }], '80m', []],
  ])('finds that the rules fire for %s, and only those', (_, series, at, expected) => {
    writeFileSync(join(folder, 'rules.yml'), stringify(rules, { lineWidth: 0 }));
    const names = [...new Set(rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert)))];
    const expectations = names.map((alertname) => {
      const rule = rules.groups.flatMap((group) => group.rules).find(({ alert }) => alert === alertname);
      const annotations = Object.fromEntries(
        Object.entries(rule?.annotations ?? {}).map(([key, text]) => [
          key,
          text.replace('{{ $labels.component }}', 'database'),
        ]),
      );
      const own = series[0]?.series.startsWith('health') ? { component: 'database' } : {};
      const up = series[0]?.series.startsWith('up') && alertname === 'ToolwatchUnreachable' ? { job: 'toolwatch' } : {};
      return {
        alertname,
        eval_time: at,
        exp_alerts: expected.includes(alertname)
          ? [{ exp_labels: { ...rule?.labels, ...own, ...up }, exp_annotations: annotations }]
          : [],
      };
    });
    const tests = [{ interval: '1m', input_series: series, alert_rule_test: expectations }];
    writeFileSync(join(folder, 'test.yml'), stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }));
    const { status, stdout, stderr } = promtool('test', 'rules', 'test.yml');
    expect(status, stdout + stderr).toBe(0);
  });
});

test('the command writes the files, and says what it wants', { timeout: 120_000 }, () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'bin/monitoring-files.ts', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  const out = join(folder, 'out');
  const outputs = join(folder, 'deployed.json');
  const app = {
    ApiUrl: 'https://other.example.com/',
    PrometheusClientId: '1h57',
    TokenUrl: 'https://id.example.com/t',
  };
  writeFileSync(outputs, JSON.stringify({ ToolwatchApp: app }));
  const { status, stdout } = run(out, '--outputs', outputs, '--api', 'https://tools.example.com');
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(8);
  expect(readFileSync(join(out, 'prometheus/prometheus.yml'), 'utf8')).toContain('tools.example.com');
  const withoutApi = join(folder, 'without-api.json');
  writeFileSync(withoutApi, '{"ShopData":{"Vpc":"x"}}');
  for (const [args, message] of [
    [[], 'Write one folder for the files'],
    [[out, '--api', 'tools'], '--api expects an address'],
    [[out, '--outputs', withoutApi], 'without-api.json has no output ApiUrl; write --api.'],
  ] as const) {
    const wrong = run(...args);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining(message)]);
  }
});
