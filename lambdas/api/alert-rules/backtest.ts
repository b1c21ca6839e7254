import {
  type BacktestReport,
  type BacktestRequest,
  backtestRequest,
  type Firing,
  type TestedAlarm,
} from '../../contract/alert-rules/backtest.ts';
import { SOURCES_OF_CALLS } from '../../contract/alert-rules/figures.ts';
import { type AlertRule, alertRule } from '../../contract/alert-rules/rule.ts';
import { sourceOf } from '../../contract/alert-rules/wrong-combinations.ts';
import { parseBody } from '../changes/body.ts';
import type { ChangeHandler } from '../changes/change-handler.ts';
import { RefusedError } from '../request/errors.ts';
import { InvalidParametersError } from '../request/query.ts';
import { type Reader, readStore } from '../request/reader.ts';
import { acceptanceOf } from './acceptance.ts';
import { findFirings, type ToolWindow } from './backtest-alarm.ts';

interface Span {
  since: string;
  until: string;
  step_minutes: number;
}

type FiringRow = Omit<Firing, 'minutes'> & { steps: number; all_times: number; all_steps: number };

const MAX_FIRINGS = 100;
/** SQLSTATE of a statement that took longer than it may. */
const CANCELLED = '57014';

const readSpan = async (reader: Reader, rule: AlertRule, days: number): Promise<Span> =>
  (await reader.rows<Span>('backtest-span', [JSON.stringify(rule), days]))[0] as Span;

const testRule = async (reader: Reader, rule: AlertRule, days: number): Promise<BacktestReport> => {
  const source = sourceOf(rule);
  if (source === 'rate_limits' || SOURCES_OF_CALLS.includes(source)) {
    const why =
      source === 'rate_limits' ? 'of rate limits only the latest state is stored' : `${source} have no roll-up`;
    const message = `Field rule.figure: ${why}, so there is no history to try.`;
    throw new InvalidParametersError(message, ['rule.figure']);
  }
  const span = await readSpan(reader, rule, days);
  const values = [JSON.stringify(rule), span.step_minutes, span.since, span.until];
  const rows = await reader.rows<FiringRow>('backtest-rule', values);
  return {
    ...span,
    times: rows[0]?.all_times ?? 0,
    minutes: (rows[0]?.all_steps ?? 0) * span.step_minutes,
    firings: rows.map(({ steps, all_times, all_steps, ...firing }) => ({
      ...firing,
      minutes: steps * span.step_minutes,
    })),
    accept: acceptanceOf(rule),
  };
};

interface Thresholds {
  error_rate: number;
  p95_ms: number;
  min_calls: number;
  min_errors: number;
}

const readThresholds = async (reader: Reader, tool: string): Promise<Thresholds> => {
  const [row] = await reader.rows<Thresholds>('tool-thresholds', [tool]);
  if (!row) throw new RefusedError(404, `There is no tool called ${tool} in this deployment.`);
  return row;
};

/** How far back there are windows of five minutes: for a rule over the same cells. */
const OF_WINDOWS = alertRule.parse({ figure: 'errors', comparison: 'above', threshold: 0, window_minutes: 5 });

const testAlarm = async (reader: Reader, alarm: TestedAlarm, days: number): Promise<BacktestReport> => {
  const known = await readThresholds(reader, alarm.tool);
  const limits = { ...known, error_rate: alarm.error_rate ?? known.error_rate, p95_ms: alarm.p95_ms ?? known.p95_ms };
  const span = await readSpan(reader, OF_WINDOWS, days);
  const windows = await reader.rows<ToolWindow>('backtest-tool', [alarm.tool, limits.p95_ms, span.since]);
  const firings = findFirings(windows, alarm.condition, limits, Date.parse(span.until));
  return {
    ...span,
    times: firings.length,
    minutes: firings.reduce((sum, { minutes }) => sum + minutes, 0),
    firings: firings.reverse().slice(0, MAX_FIRINGS),
    accept: null,
  };
};

const test = (reader: Reader, { rule, alarm, days }: BacktestRequest): Promise<BacktestReport> =>
  alarm ? testAlarm(reader, alarm, days) : testRule(reader, rule as AlertRule, days);

/** POST /v1/alert-rules/backtest */
export const backtest: ChangeHandler = async ({ database }, context) => {
  const request = parseBody(backtestRequest, context.event.received);
  try {
    return Response.json(await readStore(database, undefined, (reader) => test(reader, request)));
  } catch (error) {
    if ((error as { code?: unknown }).code !== CANCELLED) throw error;
    const message = 'Field days: this takes too long. Write fewer days, a name in the scope, or a shorter window.';
    throw new InvalidParametersError(message, ['days']);
  }
};
