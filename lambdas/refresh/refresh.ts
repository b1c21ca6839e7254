import type pg from 'pg';
import { MINUTE_MS } from '../contract/durations.ts';
import { OTHER_ERROR_RATE } from '../contract/tool-facts.ts';
import { type Database, isConnectionLost } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';
import { evaluateRules, type RuleEvaluation, type RuleReport } from './alert-rules/evaluate-rules.ts';
import { evaluateStore, findNewErrors, type StoreVerdicts } from './verdicts/evaluate-store.ts';

/** How many waiting batches one transaction rolls up, so that no transaction runs for minutes. */
const MAX_BATCHES = 500;
/** How many tenants' figures one transaction calculates, for the same reason. */
const MAX_TENANTS = 20;
/**
 * For how long one refresh goes on with a step. What is left waits for the next refresh, and the views are refreshed
 * with what there is. The store cancels a statement of two minutes; all steps fit into the five that refresh has.
 */
const ROLL_UP_MS = MINUTE_MS;
const TENANTS_MS = MINUTE_MS / 2;

interface RefreshedView {
  view_name: string;
  duration_ms: number;
  outcome: 'refreshed' | 'skipped' | 'failed';
  error: string | null;
}

/** What is known once calls are rolled up. */
export interface RollUpResult {
  /** Age of the newest counted call; null before the first. */
  data_age_seconds: number | null;
  /** How long the oldest calls have waited to be counted; 0 when none wait. */
  waiting_seconds: number;
  /** How many calls could not be counted, since this was last reported; the store holds each with its reason. */
  put_aside: number;
}

export interface RefreshResult extends RollUpResult {
  views: RefreshedView[];
  /** What is wrong with which names; undefined when that step failed. */
  verdicts: StoreVerdicts | undefined;
  /** What is to be reported of alert rules; undefined when that step failed. */
  rules: RuleReport[] | undefined;
  /** Why steps failed, a sentence each. A failed step does not stop the others. */
  failures: string[];
}

/** A statement's only row. */
const queryRow = async <Row extends object>(
  client: pg.ClientBase,
  name: string,
  values: unknown[] = [],
): Promise<Row> => {
  const { rows } = await client.query<Row>(readStatement(name), values);
  if (!rows[0]) throw new Error(`${name} returned no row`);
  return rows[0];
};

interface Repeated {
  statement: string;
  /** How many items one transaction processes. */
  max: number;
  forMs: number;
}

/** Repeats a statement that returns how many items it processed, until none are left or the time is over. */
const repeatUntilDone = async (client: pg.ClientBase, { statement, max, forMs }: Repeated): Promise<void> => {
  const until = performance.now() + forMs;
  for (let done = -1; done !== 0 && performance.now() < until; )
    done = Object.values(await queryRow<Record<string, number>>(client, statement, [max]))[0] ?? 0;
};

const refreshViews = async (client: pg.ClientBase): Promise<RefreshedView[]> =>
  (await client.query<RefreshedView>(readStatement('refresh-views'))).rows;

const readRollUpResult = async (client: pg.ClientBase): Promise<RollUpResult> => {
  const freshness = await queryRow<{ data_age_seconds: number | null; waiting_seconds: number | null }>(
    client,
    'refresh-freshness',
  );
  const { put_aside } = await queryRow<{ put_aside: number }>(client, 'refresh-put-aside');
  return {
    data_age_seconds: freshness.data_age_seconds,
    waiting_seconds: freshness.waiting_seconds ?? 0,
    put_aside,
  };
};

interface RefreshOptions {
  /** The share of failures, 0 to 1, that is allowed to names without limits of their own. */
  otherRate?: number;
  /** Learns what is known after roll-up. */
  onRolledUp?: (result: RollUpResult) => void;
  /** Learns how the evaluation of each alert rule ended. */
  onEvaluated?: (evaluation: RuleEvaluation) => void;
}

/**
 * Rolls up the waiting batches, refreshes every summary, and evaluates the calls and the alert rules, for a bounded
 * time. `onRolledUp` learns at once what is known after roll-up, because refreshing may take longer than there is time.
 * A step that fails, such as one that waited too long for another transaction's lock, is in the result; throws only
 * when the store is down.
 */
export const refresh = (
  database: Database,
  { otherRate = OTHER_ERROR_RATE, onRolledUp = () => {}, onEvaluated = () => {} }: RefreshOptions = {},
): Promise<RefreshResult> =>
  database.run(async (client) => {
    const failures: string[] = [];
    const attempt = async <T>(step: string, work: Promise<T>): Promise<T | undefined> => {
      try {
        return await work;
      } catch (error) {
        if (isConnectionLost(error)) throw error;
        failures.push(`${step}: ${error instanceof Error ? error.message : error}`);
        return undefined;
      }
    };
    const rollUp = { statement: 'refresh-roll-up', max: MAX_BATCHES, forMs: ROLL_UP_MS };
    const figures = { statement: 'refresh-tenant-figures', max: MAX_TENANTS, forMs: TENANTS_MS };
    await attempt('calls were not rolled up', repeatUntilDone(client, rollUp));
    const rolledUp = await readRollUpResult(client);
    onRolledUp(rolledUp);
    const views = (await attempt('views were not refreshed', refreshViews(client))) ?? [];
    for (const { view_name, outcome, error } of views)
      if (outcome === 'failed') failures.push(`${view_name} was not refreshed: ${error}`);
    await attempt("tenants' figures were not computed", repeatUntilDone(client, figures));
    const newErrors = (await attempt('new errors were not looked for', findNewErrors(client))) ?? [];
    const verdicts = await attempt(
      'the calls were not evaluated',
      evaluateStore(client, { otherRate, now: Date.now(), newErrors }),
    );
    const rules = await attempt('the alert rules were not evaluated', evaluateRules(client, onEvaluated));
    return { views, failures, verdicts, rules, ...rolledUp };
  });
