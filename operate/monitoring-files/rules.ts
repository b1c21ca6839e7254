import { thresholdsOf } from '../../lambdas/contract/thresholds.ts';
import { criticalP95MsOf, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { runbookLink } from '../../lib/alarms/alarm-text.ts';
import type { Settings } from '../../lib/settings.ts';

/** A rule of Prometheus, as its documentation of alerting rules describes it. */
interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
interface RuleGroup {
  name: string;
  rules: Rule[];
}

type RuleSettings = Pick<Settings, 'alarms' | 'owner' | 'runbookUrl' | 'refreshMinutes'>;

/** The name of the job in the scrape configuration; rules about the scrape itself select it. */
export const JOB = 'toolwatch';

/** A text in a label matcher. */
const quote = (text: string): string => JSON.stringify(text);

/** How far back a rule looks: as far as the alarms do, and never less than two refreshes. */
const windowOf = ({ alarms, refreshMinutes }: RuleSettings): string =>
  `${Math.max((alarms.windows * alarms.periodSeconds) / 60, 2 * refreshMinutes)}m`;

/**
 * How much counters have grown over a window. `increase` would not see the first failures of a kind, whose series begins
 * with them. Our counters never become less.
 */
const growthOf = (series: string, window: string): string =>
  `sum(${series} - (${series} offset ${window} or ${series} * 0))`;

/** How many failures of a tool somebody must mend, over a window; callers' mistakes are left out. */
const failuresOf = (tool: string, window: string): string =>
  growthOf(`errors_total{source=${quote(`tool/${tool}`)}, fault!="caller"}`, window);

/** How many calls of a tool there were, without callers' mistakes. Nothing until Prometheus knows a window. */
const callsOf = (tool: string, window: string): string => {
  const calls = `tool_executions_total{tool=${quote(tool)}}`;
  const callersMistakes = growthOf(`errors_total{source=${quote(`tool/${tool}`)}, fault="caller"}`, window);
  return `(sum(${calls}) - sum(${calls} offset ${window}) - (${callersMistakes} or vector(0)))`;
};
const p95Of = (tool: string, window: string): string =>
  `histogram_quantile(0.95, sum by (le) (rate(tool_execution_duration_seconds_bucket{tool=${quote(tool)}}[${window}])))`;

const toolRules = (facts: ToolFacts, settings: RuleSettings): Rule[] => {
  const { name, alarms, timeoutSeconds } = facts;
  const { p95_ms, error_rate, min_calls, min_errors } = thresholdsOf(facts);
  const window = windowOf(settings);
  const [failures, calls] = [failuresOf(name, window), callsOf(name, window)];
  const rule = (alert: string, alarm: string, severity: string, expr: string, summary: string): Rule => ({
    alert,
    expr,
    labels: { severity, tool: name, owner: alarms.owner ?? settings.owner },
    annotations: { summary, runbook_url: runbookLink(`tool/${name}/${alarm}`, settings) },
  });
  const slow = (alert: string, alarm: string, severity: string, ms: number): Rule =>
    rule(
      alert,
      alarm,
      severity,
      `${p95Of(name, window)} > ${ms / 1_000} and ${calls} >= ${min_calls}`,
      `One in twenty calls of ${name} takes longer than ${ms} ms.`,
    );
  const criticalMs = criticalP95MsOf(facts);
  return [
    rule(
      'ToolFailing',
      'failing',
      'critical',
      `${failures} / ${calls} > ${error_rate} and ${failures} >= ${min_errors} and ${calls} >= ${min_calls}`,
      `More than ${error_rate * 100} % of the calls of ${name} fail, callers' mistakes left out.`,
    ),
    slow('ToolSlow', 'slow', 'warning', p95_ms),
    ...(criticalMs < timeoutSeconds * 1_000 ? [slow('ToolVerySlow', 'very-slow', 'critical', criticalMs)] : []),
    ...(alarms.silentAfterMinutes === undefined
      ? []
      : [
          rule(
            'ToolSilent',
            'silent',
            'warning',
            `sum(increase(tool_executions_total{tool=${quote(name)}}[${alarms.silentAfterMinutes}m])) == 0`,
            `Nobody has called ${name} for ${alarms.silentAfterMinutes} minutes.`,
          ),
        ]),
  ];
};

/** Of the store and of what is between it and Prometheus: without them the rules about tools see nothing. */
const pipelineRules = (settings: RuleSettings): Rule[] => {
  const { owner, refreshMinutes } = settings;
  const rule = (alert: string, severity: string, expr: string, minutes: number, summary: string): Rule => ({
    alert,
    expr,
    for: `${minutes}m`,
    labels: { severity, owner },
    annotations: { summary, runbook_url: runbookLink('', settings) },
  });
  return [
    rule('ToolwatchUnreachable', 'critical', `up{job="${JOB}"} == 0`, 5, 'Prometheus cannot read /metrics.'),
    rule(
      'ToolwatchSummariesOld',
      'critical',
      `toolwatch_summaries_age_seconds > ${3 * refreshMinutes * 60}`,
      5,
      'The store is not refreshed: figures and rules about tools stand still.',
    ),
    rule(
      'ToolwatchComponentUnhealthy',
      'warning',
      'health_check_status == 0',
      5,
      'The component {{ $labels.component }} is unhealthy.',
    ),
    rule(
      'ToolwatchSeriesRefused',
      'warning',
      'sum by (of) (increase(toolwatch_series_refused_total[1h])) > 0',
      5,
      'Metrics of your own have too many series, so values are refused.',
    ),
  ];
};

/**
 * Alerting rules with the thresholds of the alarms, for whoever is notified by Prometheus: of each tool, and of the
 * pipeline. A share of failures leaves out callers' mistakes, from the failures and from the calls.
 */
export const buildRules = (tools: readonly ToolFacts[], settings: RuleSettings): { groups: RuleGroup[] } => ({
  groups: [
    { name: 'toolwatch-tools', rules: tools.flatMap((facts) => toolRules(facts, settings)) },
    { name: 'toolwatch-pipeline', rules: pipelineRules(settings) },
  ],
});
