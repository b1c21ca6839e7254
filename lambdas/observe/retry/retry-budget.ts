/** Retries that may be made at once, at most. */
export const BUDGET_FULL = 10;
/** What each call that is no retry pays in: retries stay near a tenth of the calls when an upstream is sick. */
const PAID_IN = 0.1;

/** How many retries this process may still make towards one provider. */
export interface RetryBudget {
  deposit(): void;
  /** False when nothing is left to spend. */
  spend(): boolean;
}

/** A full budget. */
export const createRetryBudget = (): RetryBudget => {
  let left = BUDGET_FULL;
  return {
    deposit() {
      left = Math.min(BUDGET_FULL, left + PAID_IN);
    },
    spend() {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
};

const budgets = new Map<string, RetryBudget>();

/** The budget towards a provider, or of a tool that has none, in this process. */
export const retryBudgetOf = (name: string): RetryBudget => {
  const known = budgets.get(name) ?? createRetryBudget();
  budgets.set(name, known);
  return known;
};

/** Fills every budget, as a new environment would find them. */
export const forgetRetryBudgets = (): void => budgets.clear();
