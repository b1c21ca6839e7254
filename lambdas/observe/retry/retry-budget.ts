/** The maximum number of retries that a full budget allows. */
export const MAX_BUDGET = 10;
/** What each call adds to the budget: while a provider is failing, retries stay near a tenth of the calls. */
const DEPOSIT_PER_CALL = 0.1;

/** Limits the retries of this process towards one provider. */
export interface RetryBudget {
  deposit(): void;
  /** False when the budget is empty. */
  spend(): boolean;
}

/** Creates a full budget. */
function createRetryBudget(): RetryBudget {
  let balance = MAX_BUDGET;
  return {
    deposit() {
      balance = Math.min(MAX_BUDGET, balance + DEPOSIT_PER_CALL);
    },
    spend() {
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}

const budgets = new Map<string, RetryBudget>();

/** The budget in this process of a provider, or of a tool without a provider. */
export function retryBudgetOf(name: string): RetryBudget {
  const budget = budgets.get(name) ?? createRetryBudget();
  budgets.set(name, budget);
  return budget;
}

/** Fills every budget, as in a new execution environment. */
export function resetRetryBudgets(): void {
  budgets.clear();
}
