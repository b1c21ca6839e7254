import * as z from 'zod';
import { freshness } from '../reports.ts';
import { alertRuleShape } from './rule.ts';

/** The api function's answers about alert rules. */

const count = z.int().min(0);

/** What the last evaluation of a rule found. */
const RULE_OUTCOMES = ['holds', 'does_not_hold', 'no_data', 'not_evaluated'] as const;
export type RuleOutcome = (typeof RULE_OUTCOMES)[number];

const state = z.object({
  outcome: z
    .enum(RULE_OUTCOMES)
    .describe('`no_data`: no call, or fewer than `min_calls`. `not_evaluated`: it could not be, see `error`.'),
  evaluated_at: z.iso.datetime().nullable().describe('Null before the first evaluation.'),
  error: z.string().nullable().describe('Why it could not be evaluated. It is tried again by each refresh.'),
  holds_since: z.iso.datetime().nullable(),
  last_held_at: z.iso.datetime().nullable(),
  figure: z.number().nullable().describe('Of what is furthest beyond the threshold, or next to it.'),
  calls: count.nullable().describe('How many calls that figure is of.'),
  held_for: count.describe('For how many names or tenants it holds.'),
  is_baked: z.boolean().describe('False while the rule is at most a warning: see `bake_days`.'),
});

const storedRule = z.object({
  name: z.string(),
  ...alertRuleShape,
  condition: z.string().describe('What `v_alert_conditions` and /v1/alerts call what it finds.'),
  is_shipped: z.boolean().describe('It ships with Toolwatch; it can be changed and switched off, and not removed.'),
  changed_at: z.iso.datetime(),
  changed_by: z.string(),
  state,
});
export type StoredRule = z.infer<typeof storedRule>;

const finding = z.object({
  tenant_id: z.string().nullable().describe('Null unless the rule is of a tenant, or of each.'),
  name: z.string().nullable().describe('Null unless the rule is of a name, or of each.'),
  figure: z.number(),
  calls: count.nullable(),
  holds_since: z.iso.datetime(),
});
export type RuleFinding = z.infer<typeof finding>;

/** GET /v1/alert-rules */
export const alertRulesReport = z.object({
  ...freshness,
  total: count,
  holding: count,
  not_evaluated: count,
  rules: z.array(storedRule).describe('Those that hold first.'),
});
export type AlertRulesReport = z.infer<typeof alertRulesReport>;

/** GET /v1/alert-rules/{name} */
export const alertRuleReport = z.object({
  ...freshness,
  rule: storedRule,
  findings: z.array(finding).describe('What it holds for, the worst first, at most 100.'),
});
export type AlertRuleReport = z.infer<typeof alertRuleReport>;

/** What a change of a rule answers: how it is now. */
export const changedRule = z.object({ rule: storedRule });

/** DELETE /v1/alert-rules/{name} */
export const removedRule = z.object({ removed: z.string() });
