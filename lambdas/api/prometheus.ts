import type { Health, HealthReport, ToolsReport } from '../contract/reports.ts';

/** One cell of analytics.call_totals; error_code and fault are '' for a success. */
export interface CallTotal {
  kind: string;
  name: string;
  error_code: string;
  fault: string;
  calls: number;
  seconds: number;
}

type Labels = Record<string, string>;
interface Sample {
  name: string;
  labels?: Labels;
  value: number;
}
interface Family {
  name: string;
  type: 'counter' | 'gauge' | 'summary';
  help: string;
  samples: Sample[];
}

/** How a kind of call is counted outside, and the label its name goes under. */
const KINDS: Record<string, { total: string; duration: string; label: string; what: string }> = {
  tool: { total: 'tool_executions', duration: 'tool_execution', label: 'tool', what: 'Calls of tools' },
  http: { total: 'http_requests', duration: 'http_request', label: 'handler', what: 'HTTP requests' },
  query: { total: 'database_queries', duration: 'database_query', label: 'operation', what: 'Database queries' },
  sync: { total: 'sync_operations', duration: 'sync_operations', label: 'operation', what: 'Sync operations' },
  job: { total: 'jobs', duration: 'job_processing', label: 'job', what: 'Jobs' },
  webhook: {
    total: 'webhook_events_processed',
    duration: 'webhook_delivery',
    label: 'webhook',
    what: 'Webhook deliveries',
  },
  dependency: {
    total: 'external_api_calls',
    duration: 'external_api_call',
    label: 'provider',
    what: 'Calls of outside APIs',
  },
};

const HEALTH_VALUE: Record<Health, number> = { ok: 1, degraded: 0.5, unhealthy: 0 };

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const rendered = ({ name, labels = {}, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
};

const summed = (totals: CallTotal[], labelsOf: (total: CallTotal) => Labels, field: 'calls' | 'seconds') => {
  const sums = new Map<string, { labels: Labels; value: number }>();
  for (const total of totals) {
    const labels = labelsOf(total);
    const key = JSON.stringify(labels);
    const sum = sums.get(key) ?? { labels, value: 0 };
    sum.value += total[field];
    sums.set(key, sum);
  }
  return [...sums.values()];
};

const callFamilies = (totals: CallTotal[], report: ToolsReport): Family[] =>
  Object.entries(KINDS).flatMap(([kind, { total, duration, label, what }]): Family[] => {
    const cells = totals.filter((cell) => cell.kind === kind);
    if (cells.length === 0) return [];
    const seconds = `${duration}_duration_seconds`;
    const byName = (field: 'calls' | 'seconds') => summed(cells, ({ name }) => ({ [label]: name }), field);
    const quantiles = kind === 'tool' ? toolQuantiles(seconds, report) : [];
    return [
      {
        name: `${total}_total`,
        type: 'counter',
        help: `${what}, by outcome.`,
        samples: summed(
          cells,
          ({ name, error_code }) => ({ [label]: name, status: error_code === '' ? 'success' : 'error' }),
          'calls',
        ).map((sum) => ({ name: `${total}_total`, ...sum })),
      },
      {
        name: seconds,
        type: 'summary',
        help: `${what}: how long they took. Quantiles are of the last 24 hours and, for tools, of successes.`,
        samples: [
          ...quantiles,
          ...byName('seconds').map((sum) => ({ name: `${seconds}_sum`, ...sum })),
          ...byName('calls').map((sum) => ({ name: `${seconds}_count`, ...sum })),
        ],
      },
    ];
  });

const toolQuantiles = (name: string, { tools }: ToolsReport): Sample[] =>
  tools.flatMap(({ tool_name, p50_ms, p95_ms }) =>
    [
      { quantile: '0.5', ms: p50_ms },
      { quantile: '0.95', ms: p95_ms },
    ].flatMap(({ quantile, ms }) =>
      ms === null ? [] : [{ name, labels: { tool: tool_name, quantile }, value: ms / 1_000 }],
    ),
  );

const errorFamily = (totals: CallTotal[]): Family => ({
  name: 'errors_total',
  type: 'counter',
  help: 'Failures, by code, by where they happened and by who must act.',
  samples: summed(
    totals.filter(({ error_code }) => error_code !== ''),
    ({ error_code, kind, name, fault }) => ({ type: error_code, source: `${kind}/${name}`, fault }),
    'calls',
  ).map((sum) => ({ name: 'errors_total', ...sum })),
});

/** Prometheus' text format, version 0.0.4. Counters count since the beginning, over every process. */
export const formatPrometheus = (totals: CallTotal[], report: ToolsReport, health: HealthReport): string => {
  const families: Family[] = [
    ...callFamilies(totals, report),
    errorFamily(totals),
    {
      name: 'health_check_status',
      type: 'gauge',
      help: '1 healthy, 0.5 degraded, 0 unhealthy.',
      samples: health.components.map(({ name, status }) => ({
        name: 'health_check_status',
        labels: { component: name },
        value: HEALTH_VALUE[status],
      })),
    },
    {
      name: 'toolwatch_summaries_age_seconds',
      type: 'gauge',
      help: 'Seconds since the summaries were refreshed.',
      samples:
        report.age_seconds === null ? [] : [{ name: 'toolwatch_summaries_age_seconds', value: report.age_seconds }],
    },
  ];
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(rendered)].join('\n'),
    )
    .join('\n')
    .concat('\n');
};
