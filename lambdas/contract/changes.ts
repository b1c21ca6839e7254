import type * as z from 'zod';
import { backtestReport, backtestRequest } from './alert-rules/backtest.ts';
import { changedRule, removedRule } from './alert-rules/reports.ts';
import { alertRuleChange, alertRuleSwitch } from './alert-rules/rule.ts';
import { changedErrorGroup, errorGroupChange } from './error-groups.ts';
import type { Method } from './request-names.ts';

type ChangingMethod = Exclude<Method, 'GET'>;

/**
 * A request to the api function that is not for reading. All are the operator's; `docs/api.md` is written from this
 * list.
 */
export interface Change {
  readonly summary: string;
  /** The JSON that the request carries; absent where it carries none. */
  readonly body?: z.ZodObject;
  /** The JSON answered with status 200. */
  readonly answer: z.ZodObject;
}

/** By method and path, in which `:name` is a name and `:id` an id, percent-encoded. */
export const CHANGES = {
  'PUT /v1/alert-rules/:name': {
    summary: 'Makes a rule, or replaces it. A change of what decides when it holds begins its bake period anew.',
    body: alertRuleChange,
    answer: changedRule,
  },
  'PUT /v1/alert-rules/:name/enabled': {
    summary: 'Switches a rule on or off.',
    body: alertRuleSwitch,
    answer: changedRule,
  },
  'DELETE /v1/alert-rules/:name': {
    summary: 'Removes a rule. Status 409 for one that ships with Toolwatch: switch it off.',
    answer: removedRule,
  },
  'POST /v1/alert-rules/backtest': {
    summary: 'When a rule, or an alarm of a tool at another limit, would have been on. It changes nothing.',
    body: backtestRequest,
    answer: backtestReport,
  },
  'PUT /v1/error-groups/:id': {
    summary: 'Says of a group of failures that a version resolves it, mutes it until a time, or opens it again.',
    body: errorGroupChange,
    answer: changedErrorGroup,
  },
} as const satisfies Readonly<Record<`${ChangingMethod} /v1/${string}`, Change>>;

export type ChangeKey = keyof typeof CHANGES;
