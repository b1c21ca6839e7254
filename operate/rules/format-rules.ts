import type { BacktestReport } from '../../lambdas/contract/alert-rules/backtest.ts';
import { type FigureName, formatFigure } from '../../lambdas/contract/alert-rules/figures.ts';
import type { RuleFinding, StoredRule } from '../../lambdas/contract/alert-rules/reports.ts';

/** Rows of cells, for a table. */
type Rows = string[][];

const OUTCOMES: Readonly<Record<StoredRule['state']['outcome'], string>> = {
  holds: 'holds',
  does_not_hold: 'does not hold',
  no_data: 'no calls',
  not_evaluated: 'NOT EVALUATED',
};

const severityOf = ({ severity, state }: StoredRule): string =>
  severity === 'critical' && !state.is_baked ? 'warning (bakes)' : severity;

const scopeOf = ({ scope, each }: Pick<StoredRule, 'scope' | 'each'>): string =>
  [
    ...Object.entries(scope).map(([field, value]) => `${field} ${value}`),
    ...(each.length > 0 ? [`each ${each.join(' and ')}`] : []),
  ].join(', ');

const conditionOf = ({ figure, measure, comparison, threshold }: StoredRule): string =>
  `${figure}${measure === undefined ? '' : ` of ${measure}`} ${comparison.replace('_', ' ')} ${formatFigure(figure, threshold)}`;

const formatState = ({ figure, state }: StoredRule): string =>
  state.figure === null ? '' : formatFigure(figure, state.figure);

/** Every rule, one a row. */
export const listRules = (rules: readonly StoredRule[]): Rows => [
  ['NAME', 'STATE', 'SEVERITY', 'FIGURE', 'CONDITION', 'OF'],
  ...rules.map((rule) => [
    rule.name,
    rule.enabled ? OUTCOMES[rule.state.outcome] : 'off',
    severityOf(rule),
    formatState(rule),
    conditionOf(rule),
    scopeOf(rule),
  ]),
];

/** One rule, one fact a row. */
export const describeRule = (rule: StoredRule): Rows => [
  ['name', rule.name],
  ...(rule.description === undefined ? [] : [['means', rule.description]]),
  ['condition', conditionOf(rule)],
  ['of', scopeOf(rule)],
  ...(rule.window_minutes === undefined ? [] : [['window', `${rule.window_minutes} minutes`]]),
  ['severity', severityOf(rule)],
  ...(rule.channels.length > 0 ? [['channels', rule.channels.join(', ')]] : []),
  ['state', rule.enabled ? OUTCOMES[rule.state.outcome] : 'off'],
  ...(rule.state.error === null ? [] : [['error', rule.state.error]]),
  ['figure', formatState(rule)],
  ...(rule.state.holds_since === null ? [] : [['holds since', rule.state.holds_since]]),
  ['changed', `${rule.changed_at} by ${rule.changed_by}`],
];

/** What a rule holds for. */
export const listFindings = (figure: FigureName, findings: readonly RuleFinding[]): Rows => [
  ['TENANT', 'NAME', 'FIGURE', 'SINCE'],
  ...findings.map(({ tenant_id, name, figure: value, holds_since }) => [
    tenant_id ?? '',
    name ?? '',
    formatFigure(figure, value),
    holds_since,
  ]),
];

/** What a backtest says, in a sentence. */
export const summarize = ({ since, until, times, minutes, step_minutes, accept }: BacktestReport): string =>
  [
    `From ${since} to ${until}, by ${step_minutes} minutes: ` +
      (times === 0 ? 'never.' : `${times} time${times === 1 ? '' : 's'}, ${minutes} minutes altogether.`),
    ...(accept === null ? [] : [`To set this rule without a bake period: --accept ${accept}`]),
  ].join('\n');

/** When it would have been on. */
export const listFirings = (figure: FigureName, { firings }: BacktestReport): Rows => [
  ['FROM', 'TO', 'MINUTES', 'FIGURE', 'OF'],
  ...firings.map((firing) => [
    firing.began_at,
    firing.ended_at ?? 'now',
    String(firing.minutes),
    formatFigure(figure, firing.figure),
    [firing.tenant_id, firing.name].filter(Boolean).join(' '),
  ]),
];
