import { type Operation, operationOf } from '../../observe/call/operation.ts';
import type { Failure } from '../../observe/failure/failure.ts';
import { emitFromOutside } from '../../observe/line/emit-from-outside.ts';
import { createUuidV7 } from '../../observe/line/uuid.ts';
import { redactText } from '../../observe/privacy/redact.ts';
import type { RuleEvaluation } from './evaluate-rules.ts';

/** What the names of these records begin with, by which views tell them from runs of rules of a product. */
const PREFIX = 'alert-rule/';

const operations = new Map<string, Operation>();

const findOperation = (rule: string): Operation => {
  const known = operations.get(rule);
  if (known) return known;
  const name = `${PREFIX}${rule}`;
  const operation = operationOf({ kind: 'rule', name, toolDimension: `rule/${name}`, hasMetrics: false });
  operations.set(rule, operation);
  return operation;
};

const failureOf = ({ error }: RuleEvaluation): Failure | undefined =>
  error === undefined
    ? undefined
    : {
        code: 'INTERNAL_ERROR',
        fault: 'ours',
        retryable: true,
        type: 'rule_not_evaluated',
        message: redactText(error),
      };

/**
 * Writes the line of an evaluation: a record of kind `rule`, counted in the store only. `runId` is the same for all
 * evaluations of one refresh. Never throws.
 */
export const recordEvaluation = (evaluation: RuleEvaluation, runId: string): void => {
  const { name, startedAt, durationMs, outcome, figure, calls, heldFor } = evaluation;
  emitFromOutside(() => findOperation(name), {
    call: { event_id: createUuidV7(startedAt.getTime()), correlation_id: runId },
    failure: failureOf(evaluation),
    durationMs,
    metadata: {
      ...{ rule_name: name, rule_type: 'alert', outcome, held_for: heldFor },
      ...(figure !== null && { figure }),
      ...(calls !== null && { calls }),
    },
  });
};
