import * as z from 'zod';
import { toolName } from '../queries.ts';
import { alertRule } from './rule.ts';

/** A backtest: when would a rule, or an alarm of a tool at another limit, have been on over the stored history. */

const MAX_DAYS = 90;
const DEFAULT_DAYS = 30;

/** The alarms of a tool whose limits can be tried. */
export const TESTED_ALARMS = ['failing', 'slow'] as const;

const testedAlarm = z.strictObject({
  tool: toolName.describe('The name of a tool.'),
  condition: z
    .enum(TESTED_ALARMS, `write ${TESTED_ALARMS.join(' or ')}`)
    .describe('`failing`: at another `error_rate`. `slow`: at another `p95_ms`.'),
  error_rate: z
    .number('write a share, such as 0.05')
    .gt(0, 'write more than 0')
    .lt(1, 'write less than 1')
    .optional()
    .describe("The share of calls that may fail. Default: the tool's own."),
  p95_ms: z
    .number('write milliseconds')
    .positive('write more than 0')
    .max(900_000, 'write at most 900000')
    .optional()
    .describe("The 95th percentile above which it counts as slow. Default: the tool's own."),
});
export type TestedAlarm = z.output<typeof testedAlarm>;

/** POST /v1/alert-rules/backtest */
export const backtestRequest = z
  .strictObject({
    rule: alertRule.optional().describe('The rule to try, as it would be put.'),
    alarm: testedAlarm.optional().describe('The alarm of a tool to try, instead of a rule.'),
    days: z
      .int('write a whole number of days')
      .min(1, 'write at least 1')
      .max(MAX_DAYS, `write at most ${MAX_DAYS}`)
      .default(DEFAULT_DAYS)
      .describe('How far back to look, as far as there is history.'),
  })
  .refine(({ rule, alarm }) => (rule === undefined) !== (alarm === undefined), {
    error: 'write a rule, or an alarm, and not both',
    path: ['rule'],
  });
export type BacktestRequest = z.output<typeof backtestRequest>;

const count = z.int().min(0);

const firing = z.object({
  began_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable().describe('Null while it would still be on.'),
  minutes: count,
  figure: z.number().describe('The one furthest beyond the threshold.'),
  tenant_id: z.string().nullable().describe('Whose that figure is, where it is evaluated for each.'),
  name: z.string().nullable(),
});
export type Firing = z.infer<typeof firing>;

export const backtestReport = z.object({
  since: z.iso.datetime().describe('How far the history reaches, or as far as was asked for.'),
  until: z.iso.datetime(),
  step_minutes: count.describe('How exact it is: the history is counted by this.'),
  times: count.describe('How often it would have begun.'),
  minutes: count.describe('How long it would have been on, altogether.'),
  firings: z.array(firing).describe('The newest first, at most 100.'),
  accept: z
    .string()
    .nullable()
    .describe('Sent as `accepted_backtest` with exactly this rule, it says that the rule needs no bake period.'),
});
export type BacktestReport = z.infer<typeof backtestReport>;
