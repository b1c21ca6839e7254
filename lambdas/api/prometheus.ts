import type { Health } from '../contract/health/status.ts';
import type { HealthReport, ToolsReport } from '../contract/reports.ts';

/** A row of analytics.call_totals; error_code and fault are '' for a success. */
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

/** The metrics of one kind of call. */
interface KindMetrics {
  counter: string;
  summary: string;
  /** The label that holds the call's name. */
  label: string;
  /** What is counted, for the HELP text. */
  subject: string;
}

const KIND_METRICS: Record<string, KindMetrics> = {
  tool: { counter: 'tool_executions', summary: 'tool_execution', label: 'tool', subject: 'Calls of tools' },
  http: { counter: 'http_requests', summary: 'http_request', label: 'handler', subject: 'HTTP requests' },
  query: { counter: 'database_queries', summary: 'database_query', label: 'operation', subject: 'Database queries' },
  sync: { counter: 'sync_operations', summary: 'sync_operations', label: 'operation', subject: 'Sync operations' },
  job: { counter: 'jobs', summary: 'job_processing', label: 'job', subject: 'Jobs' },
  webhook: {
    counter: 'webhook_events_processed',
    summary: 'webhook_delivery',
    label: 'webhook',
    subject: 'Webhook deliveries',
  },
  dependency: {
    counter: 'external_api_calls',
    summary: 'external_api_call',
    label: 'provider',
    subject: 'Calls of outside APIs',
  },
};

/** What is unknown has no value. */
const HEALTH_VALUE: Record<Health, number | undefined> = { ok: 1, degraded: 0.5, unhealthy: 0, unknown: undefined };

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const formatSample = ({ name, labels = {}, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
};

const sumByLabels = (totals: CallTotal[], labelsOf: (total: CallTotal) => Labels, field: 'calls' | 'seconds') => {
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

/** A counter by outcome and a summary of durations, for one kind of call; none when there were no such calls. */
const kindFamilies = (kind: string, metrics: KindMetrics, totals: CallTotal[], report: ToolsReport): Family[] => {
  const cells = totals.filter((total) => total.kind === kind);
  if (cells.length === 0) return [];
  const { label, subject } = metrics;
  const counter = `${metrics.counter}_total`;
  const summary = `${metrics.summary}_duration_seconds`;
  const statusOf = ({ error_code }: CallTotal) => (error_code === '' ? 'success' : 'error');
  const byStatus = sumByLabels(cells, (cell) => ({ [label]: cell.name, status: statusOf(cell) }), 'calls');
  const byName = (field: 'calls' | 'seconds') => sumByLabels(cells, ({ name }) => ({ [label]: name }), field);
  return [
    {
      name: counter,
      type: 'counter',
      help: `${subject}, by outcome.`,
      samples: byStatus.map((sum) => ({ name: counter, ...sum })),
    },
    {
      name: summary,
      type: 'summary',
      help: `${subject}: durations. Quantiles (tools only) cover the successes of the last 24 hours.`,
      samples: [
        ...(kind === 'tool' ? toolQuantiles(summary, report) : []),
        ...byName('seconds').map((sum) => ({ name: `${summary}_sum`, ...sum })),
        ...byName('calls').map((sum) => ({ name: `${summary}_count`, ...sum })),
      ],
    },
  ];
};

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
  samples: sumByLabels(
    totals.filter(({ error_code }) => error_code !== ''),
    ({ error_code, kind, name, fault }) => ({ type: error_code, source: `${kind}/${name}`, fault }),
    'calls',
  ).map((sum) => ({ name: 'errors_total', ...sum })),
});

/** The store in Prometheus' text format, version 0.0.4. Counters cover all calls ever stored, of every process. */
export const formatPrometheus = (totals: CallTotal[], report: ToolsReport, health: HealthReport): string => {
  const families: Family[] = [
    ...Object.entries(KIND_METRICS).flatMap(([kind, metrics]) => kindFamilies(kind, metrics, totals, report)),
    errorFamily(totals),
    {
      name: 'health_check_status',
      type: 'gauge',
      help: '1 healthy, 0.5 degraded, 0 unhealthy; absent while unknown.',
      samples: health.components.flatMap(({ name, status }) => {
        const value = HEALTH_VALUE[status];
        return value === undefined ? [] : [{ name: 'health_check_status', labels: { component: name }, value }];
      }),
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
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(formatSample)].join('\n'),
    )
    .join('\n')
    .concat('\n');
};
