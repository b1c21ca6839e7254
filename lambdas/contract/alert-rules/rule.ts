import * as z from 'zod';
import { channelName } from '../channels.ts';
import { DURATION_LIMIT_MS, KEY_PATTERN, MEASURE_LIMIT, TEXT_LIMIT_BYTES } from '../limits.ts';
import { SEVERITIES } from '../severity.ts';
import { KINDS } from '../vocabulary.ts';
import { COMPARISONS, FIGURE_NAMES, WINDOWS } from './figures.ts';
import { findWrongCombinations } from './wrong-combinations.ts';

/** A rule of a user's own: when people are to be notified, by a figure that refresh works out from the roll-ups. */

/** The name of a rule becomes a dimension's value, as that of a tool does. `backtest` is a path of the API. */
export const ruleName = z
  .string('write the name of a rule')
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'write at most 64 letters, digits and _ . -, such as orders-fail')
  .refine((name) => name !== 'backtest', 'this name is taken; write another');

/** What a rule may be evaluated for separately. */
export const EACH = ['name', 'tenant'] as const;

const MAX_MIN_CALLS = 1_000_000;
const MAX_BAKE_DAYS = 30;
const DEFAULT_BAKE_DAYS = 7;
const MAX_DESCRIPTION = 300;
const MAX_CHANNELS = 20;

const key = (what: string) => {
  const advice = `write ${what}, at most ${TEXT_LIMIT_BYTES} bytes`;
  return z
    .string(advice)
    .regex(KEY_PATTERN, advice)
    .refine((text) => new TextEncoder().encode(text).length <= TEXT_LIMIT_BYTES, advice);
};

const wholeNumber = (max: number) => {
  const advice = `write a whole number from 0 to ${max}`;
  return z.int(advice).min(0, advice).max(max, advice);
};

const scope = z.strictObject(
  {
    kind: z
      .enum(KINDS, `write one of ${KINDS.join(', ')}`)
      .optional()
      .describe('The kind of the calls: `webhook`, `rule`, `job` for queues. Default `tool`.'),
    name: key('the name of a tool, a webhook, a rule or a queue').optional().describe('Only calls under this name.'),
    tenant: key('the name of a tenant').optional().describe("Only this tenant's calls."),
    provider: key('the name of a provider')
      .optional()
      .describe('Calls of this outside service that other calls made, instead of calls of a kind.'),
    domain: key('the domain of an outside service')
      .optional()
      .describe('Only calls at the outside service of this domain, of any kind if none is written.'),
    error_group: key('the fingerprint of an error group')
      .optional()
      .describe('Only failures with this fingerprint; for the figure `errors`.'),
  },
  'write an object, such as {"kind":"tool","name":"order_status"}',
);

const definition = z.strictObject({
  description: z
    .string('write what it means that the rule holds')
    .regex(KEY_PATTERN, 'write one line of text')
    .max(MAX_DESCRIPTION, `write at most ${MAX_DESCRIPTION} characters`)
    .optional()
    .describe('What it means that the rule holds, in the words of the notice.'),
  figure: z
    .enum(FIGURE_NAMES, `write one of ${FIGURE_NAMES.join(', ')}`)
    .describe('What is compared. Failures by the fault of callers are never errors.'),
  measure: key('the name of a measure').optional().describe('Of `measure_sum` and `measure_average`: which measure.'),
  slow_ms: z
    .number('write milliseconds')
    .positive('write more than 0')
    .max(DURATION_LIMIT_MS, `write at most ${DURATION_LIMIT_MS}`)
    .optional()
    .describe('Of `slow_pct`: from which duration on a call is slow.'),
  comparison: z.enum(COMPARISONS, `write one of ${COMPARISONS.join(', ')}`),
  threshold: z
    .number('write a number')
    .min(-MEASURE_LIMIT, `write at least ${-MEASURE_LIMIT}`)
    .max(MEASURE_LIMIT, `write at most ${MEASURE_LIMIT}`),
  window_minutes: z
    .literal(WINDOWS, `write one of ${WINDOWS.join(', ')}`)
    .optional()
    .describe('How far back calls are counted. Default 60.'),
  scope: scope.default({}),
  each: z
    .array(z.enum(EACH, `write ${EACH.join(' or ')}`))
    .max(EACH.length, 'write each only once')
    .refine((each) => new Set(each).size === each.length, 'write each only once')
    .default([])
    .describe('Evaluate each name, each tenant, or each of both separately: the rule holds while it does for one.'),
  min_calls: wholeNumber(MAX_MIN_CALLS).default(0).describe('With fewer calls in the window nothing is said.'),
  severity: z.enum(SEVERITIES, `write ${SEVERITIES.join(' or ')}`).default('warning'),
  channels: z
    .array(channelName)
    .max(MAX_CHANNELS, `write at most ${MAX_CHANNELS} channels`)
    .default([])
    .describe('Only these of the channels get its notices. Default: all.'),
  enabled: z.boolean('write true or false').default(true),
  bake_days: wholeNumber(MAX_BAKE_DAYS)
    .default(DEFAULT_BAKE_DAYS)
    .describe(
      'A new rule, or a changed one, is at most a warning until it has not held for so many days in a row, or until ' +
        'somebody accepts what a backtest says of it.',
    ),
});
type Definition = z.output<typeof definition>;
/** The fields of a rule as they are stored and answered. */
export const alertRuleShape = definition.shape;

const reportWrongCombinations = (rule: Definition, context: z.RefinementCtx): void => {
  for (const { field, message } of findWrongCombinations(rule))
    context.addIssue({ code: 'custom', path: field, message });
};

/** What a rule says, without its name. */
export const alertRule = definition.superRefine(reportWrongCombinations);
export type AlertRule = Definition;
export type AlertRuleInput = z.input<typeof alertRule>;

const REASON_LIMIT = 500;
/** Why something is changed, in the words of who does. */
export const reason = z
  .string('write why, in one line')
  .regex(KEY_PATTERN, 'write one line of text')
  .max(REASON_LIMIT, `write at most ${REASON_LIMIT} characters`)
  .optional()
  .describe('Why, for the audit.');

/** PUT /v1/alert-rules/{name}: the whole rule. */
export const alertRuleChange = definition
  .extend({
    accepted_backtest: z
      .string('write the `accept` of a backtest of exactly this rule')
      .optional()
      .describe('The `accept` of a backtest of exactly this rule: then it needs no bake period.'),
    reason,
  })
  .superRefine(reportWrongCombinations);

/** PUT /v1/alert-rules/{name}/enabled */
export const alertRuleSwitch = z.strictObject({ enabled: z.boolean('write true or false'), reason });

/** The fields that decide when a rule holds: with another value in one of them it is another rule. */
const DECIDING_FIELDS = [
  'figure',
  'measure',
  'slow_ms',
  'comparison',
  'threshold',
  'window_minutes',
  'scope',
  'each',
  'min_calls',
] as const satisfies readonly (keyof AlertRule)[];

/** The same text for rules that hold at the same times, and another for each other. */
export const decidingText = (rule: AlertRule): string =>
  JSON.stringify(
    DECIDING_FIELDS.map((field) => {
      const value = rule[field];
      if (field === 'each') return [...rule.each].sort();
      return value !== null && typeof value === 'object' ? Object.entries(value).sort() : (value ?? null);
    }),
  );
