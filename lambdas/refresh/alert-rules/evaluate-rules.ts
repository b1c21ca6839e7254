import type pg from 'pg';
import type { RuleOutcome } from '../../contract/alert-rules/reports.ts';
import type { Severity } from '../../contract/severity.ts';
import { isConnectionLost } from '../../database/database.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { readStatement } from '../../database/statements.ts';

/** How one evaluation of a rule ended. */
export interface RuleEvaluation {
  name: string;
  startedAt: Date;
  durationMs: number;
  outcome: RuleOutcome;
  /** Why it could not be evaluated. */
  error?: string;
  figure: number | null;
  calls: number | null;
  /** For how many names or tenants it holds. */
  heldFor: number;
}

/** What is to be reported of a rule: what it finds, or that it cannot be evaluated; also that this is over. */
export interface RuleReport {
  name: string;
  severity: Severity;
  holds: boolean;
  was_held: boolean;
  is_failing: boolean;
  was_failing: boolean;
}

/** One rule may take this long, in milliseconds: a hundred times what is usual for a large store. */
const STATEMENT_MS = 5_000;
/** For how long one refresh evaluates rules. Those that are left are the first of the next. */
const ALL_RULES_MS = 45_000;

interface EvaluatedRow {
  outcome: RuleOutcome;
  figure: number | null;
  calls: number | null;
  held_for: number;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Notes in the store why a rule could not be evaluated. Returns why, and also why that could not be noted, for example
 * because somebody holds the lock of the rule. Throws only when the connection is lost.
 */
const noteError = async (client: pg.ClientBase, name: string, why: string): Promise<string> => {
  try {
    await client.query(readStatement('refresh-rule-error'), [name, why]);
    return why;
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return `${why}; and that could not be noted: ${messageOf(error)}`;
  }
};

/** Undefined when the rule is gone or switched off. Throws only when the connection is lost. */
const evaluateRule = async (client: pg.ClientBase, name: string): Promise<RuleEvaluation | undefined> => {
  const [startedAt, begin] = [new Date(), performance.now()];
  const about = { name, startedAt };
  try {
    const { rows } = await inTransaction(client, async () => {
      await client.query('select rollup.limit_statements($1)', [STATEMENT_MS]);
      return client.query<EvaluatedRow>(readStatement('refresh-evaluate-rule'), [name]);
    });
    if (!rows[0]) return undefined;
    const { held_for, ...row } = rows[0];
    return { ...about, durationMs: performance.now() - begin, ...row, heldFor: held_for };
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    const why = await noteError(client, name, messageOf(error));
    const nothing = { figure: null, calls: null, heldFor: 0 };
    return { ...about, durationMs: performance.now() - begin, outcome: 'not_evaluated', error: why, ...nothing };
  }
};

/**
 * Evaluates the alert rules that are on, each by itself: one that cannot be evaluated is noted, stops no other and is
 * tried again by the next refresh. `onEvaluated` learns how each ended. Returns what is to be reported of all rules.
 */
export const evaluateRules = async (
  client: pg.ClientBase,
  onEvaluated: (evaluation: RuleEvaluation) => void,
): Promise<RuleReport[]> => {
  const until = performance.now() + ALL_RULES_MS;
  const { rows } = await client.query<{ name: string }>(readStatement('refresh-rules'));
  for (const { name } of rows) {
    if (performance.now() > until) break;
    const evaluation = await evaluateRule(client, name);
    if (evaluation) onEvaluated(evaluation);
  }
  return (await client.query<RuleReport>(readStatement('refresh-rule-reports'))).rows;
};
