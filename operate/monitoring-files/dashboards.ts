import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** What a panel shows: a query for each line, and what the lines are called. */
interface Panel {
  title: string;
  unit: 'percentunit' | 's' | 'cps' | 'short';
  queries: readonly { expr: string; legend: string }[];
}

/** The data source is chosen at the top of the dashboard, so that its file suits every Grafana. */
const DATA_SOURCE = { type: 'prometheus', uid: `\${datasource}` };
/** Figures change at each refresh of the store, so a rate needs more than one. */
const WINDOW = '15m';

const perSecond = (metric: string, labels: string, by: string): string =>
  `sum by (${by}) (rate(${metric}{${labels}}[${WINDOW}]))`;
const quantile = (share: number, metric: string, labels: string, by: string): string =>
  `histogram_quantile(${share}, sum by (${by ? `${by}, ` : ''}le) (rate(${metric}_bucket{${labels}}[${WINDOW}])))`;
const share = (part: string, whole: string): string => `(${part}) / (${whole})`;

const buildPanel = ({ title, unit, queries }: Panel): PanelBuilder =>
  queries.reduce(
    (panel, { expr, legend }, index) =>
      panel.withTarget(
        new DataqueryBuilder()
          .expr(expr)
          .legendFormat(legend)
          .refId(String.fromCharCode('A'.charCodeAt(0) + index))
          .range()
          .exemplar(expr.startsWith('histogram_quantile')),
      ),
    new PanelBuilder().title(title).unit(unit).min(0).datasource(DATA_SOURCE).span(12).height(8),
  );

const startDashboard = (uid: string, title: string): DashboardBuilder =>
  new DashboardBuilder(title)
    .uid(`toolwatch-${uid}`)
    .tags(['toolwatch'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));

const buildDashboard = (start: DashboardBuilder, panels: readonly Panel[]): Dashboard =>
  panels.reduce((dashboard, panel) => dashboard.withPanel(buildPanel(panel)), start).build();

const ALL_TOOLS: readonly Panel[] = [
  {
    title: 'Calls',
    unit: 'cps',
    queries: [{ expr: perSecond('tool_executions_total', '', 'tool'), legend: '{{tool}}' }],
  },
  {
    title: 'Failures that somebody of ours must mend',
    unit: 'cps',
    queries: [
      {
        expr: perSecond('errors_total', 'source=~"tool/.*", fault!="caller"', 'source, fault'),
        legend: '{{source}}, {{fault}}',
      },
    ],
  },
  {
    title: 'Duration, 95th percentile',
    unit: 's',
    queries: [{ expr: quantile(0.95, 'tool_execution_duration_seconds', '', 'tool'), legend: '{{tool}}' }],
  },
  {
    title: 'Failures by code',
    unit: 'cps',
    queries: [{ expr: perSecond('errors_total', 'source=~"tool/.*"', 'type, fault'), legend: '{{type}}, {{fault}}' }],
  },
  {
    title: 'Tools and requests running at a time',
    unit: 'short',
    queries: [{ expr: 'active_connections', legend: '{{kind}}' }],
  },
  {
    title: 'HTTP requests by status',
    unit: 'cps',
    queries: [{ expr: perSecond('http_requests_total', '', 'status'), legend: '{{status}}' }],
  },
];

const TOOL = 'tool="$tool"';
const ONE_TOOL: readonly Panel[] = [
  {
    title: 'Calls by outcome',
    unit: 'cps',
    queries: [{ expr: perSecond('tool_executions_total', TOOL, 'status'), legend: '{{status}}' }],
  },
  {
    title: 'Share of failures, callers’ mistakes left out',
    unit: 'percentunit',
    queries: [
      {
        expr: share(
          `sum(rate(errors_total{source="tool/$tool", fault!="caller"}[${WINDOW}])) or vector(0)`,
          `sum(rate(tool_executions_total{${TOOL}}[${WINDOW}])) - (sum(rate(errors_total{source="tool/$tool", fault="caller"}[${WINDOW}])) or vector(0))`,
        ),
        legend: 'failing',
      },
    ],
  },
  {
    title: 'Duration',
    unit: 's',
    queries: [0.5, 0.95, 0.99].map((at) => ({
      expr: quantile(at, 'tool_execution_duration_seconds', TOOL, ''),
      legend: `${at * 100}th percentile`,
    })),
  },
  {
    title: 'Failures by code and fault',
    unit: 'cps',
    queries: [{ expr: perSecond('errors_total', 'source="tool/$tool"', 'type, fault'), legend: '{{type}}, {{fault}}' }],
  },
];

const PIPELINE: readonly Panel[] = [
  {
    title: 'Age of the summaries',
    unit: 's',
    queries: [{ expr: 'toolwatch_summaries_age_seconds', legend: 'age' }],
  },
  {
    title: 'Health of the components: 1 healthy, 0 unhealthy',
    unit: 'short',
    queries: [{ expr: 'health_check_status', legend: '{{component}}' }],
  },
  {
    title: 'Connections to the database',
    unit: 'short',
    queries: [{ expr: 'database_connections_active', legend: 'connections' }],
  },
  {
    title: 'Series refused or left out',
    unit: 'short',
    queries: [
      { expr: 'toolwatch_series_refused_total', legend: 'refused: {{of}}' },
      { expr: 'toolwatch_series_left_out', legend: 'left out: {{reason}}' },
    ],
  },
  {
    title: 'Jobs and synchronisations that fail',
    unit: 'cps',
    queries: [
      { expr: perSecond('job_failures_total', '', 'job'), legend: '{{job}}' },
      { expr: perSecond('sync_operations_total', 'status="error"', 'operation'), legend: '{{operation}}' },
    ],
  },
  {
    title: 'Depth of queues',
    unit: 'short',
    queries: [{ expr: 'job_queue_depth', legend: '{{queue}}' }],
  },
];

const PROVIDERS: readonly Panel[] = [
  {
    title: 'Calls of outside services',
    unit: 'cps',
    queries: [{ expr: perSecond('external_api_calls_total', '', 'provider'), legend: '{{provider}}' }],
  },
  {
    title: 'Share of them that fail',
    unit: 'percentunit',
    queries: [
      {
        expr: share(
          perSecond('external_api_errors_total', '', 'provider'),
          perSecond('external_api_calls_total', '', 'provider'),
        ),
        legend: '{{provider}}',
      },
    ],
  },
  {
    title: 'Average duration',
    unit: 's',
    queries: [
      {
        expr: share(
          perSecond('external_api_call_seconds_total', '', 'provider'),
          perSecond('external_api_calls_total', '', 'provider'),
        ),
        legend: '{{provider}}',
      },
    ],
  },
  {
    title: 'Failures of tools by the fault of a service',
    unit: 'cps',
    queries: [
      { expr: perSecond('errors_total', 'fault="dependency"', 'source, type'), legend: '{{source}}, {{type}}' },
    ],
  },
];

/** The tool that the dashboard of one tool shows; Grafana asks Prometheus which there are. */
const toolVariable = () =>
  new QueryVariableBuilder('tool')
    .label('Tool')
    .datasource(DATA_SOURCE)
    .query('label_values(tool_executions_total, tool)')
    .refresh(VariableRefresh.OnTimeRangeChanged);

/** Grafana's dashboards, by the names of their files. */
export const buildDashboards = (): Record<string, Dashboard> => ({
  fleet: buildDashboard(startDashboard('fleet', 'Toolwatch: all tools'), ALL_TOOLS),
  tool: buildDashboard(startDashboard('tool', 'Toolwatch: one tool').withVariable(toolVariable()), ONE_TOOL),
  pipeline: buildDashboard(startDashboard('pipeline', 'Toolwatch: the pipeline'), PIPELINE),
  providers: buildDashboard(startDashboard('providers', 'Toolwatch: outside services'), PROVIDERS),
});
