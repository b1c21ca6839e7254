import type { CallContext } from '../../contract/call-context.ts';
import { TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import { renewKeys } from '../log/call-logger.ts';
import { toPlainText } from '../privacy/redact.ts';
import type { OperationLabels } from './operation.ts';
import { readCallContext } from './read-call-context.ts';
import { refuse } from './refuse.ts';
import type { Scope } from './scope.ts';

/** What a call can say about itself: for whom it was, with whom, and which call it repeats. */
export interface Labels extends OperationLabels {
  /** The provider that the work depends on. */
  provider?: string | undefined;
  /** The GPT or agent that the work belongs to. */
  gptName?: string | undefined;
  /** The shop or system that was called, such as `shop.example.com`. */
  domain?: string | undefined;
  /** The GPT that called. */
  sourceGpt?: string | undefined;
  /** Who called; written as a hash if the deployment has a key. */
  userId?: string | undefined;
  /** Whose call it was: only this tenant and the operator see it. */
  tenantId?: string | undefined;
  /** Connects the call to others. */
  correlationId?: string | undefined;
  /** The `event_id` of the call that this one repeats because a person requested it. */
  replayOf?: string | undefined;
}

const OPERATION_LABELS = ['provider', 'gptName', 'domain'] as const;

const CALL_LABELS = {
  sourceGpt: 'source_gpt',
  userId: 'user_id',
  tenantId: 'tenant_id',
  correlationId: 'correlation_id',
  replayOf: 'replay_of',
} as const satisfies Partial<Record<keyof Labels, keyof CallContext>>;

/** The labels that a call context holds, by its keys. Callers in JavaScript may pass anything. */
function toCallLabels(labels: Labels, nowMs: number): Partial<CallContext> {
  const given = Object.entries(CALL_LABELS).map(([label, key]) => [key, labels[label as keyof typeof CALL_LABELS]]);
  return readCallContext(Object.fromEntries(given), nowMs);
}

/** The other labels, redacted and on one line; what is not a text is left out. */
function toOperationLabels(labels: Labels): OperationLabels {
  const found: OperationLabels = {};
  for (const label of OPERATION_LABELS) {
    const value: unknown = labels[label];
    if (typeof value === 'string' && value !== '') found[label] = toPlainText(value, TEXT_LIMIT_BYTES);
  }
  return found;
}

function isStated(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** The label's key among those that were taken. */
function keyOf(label: string): string {
  return label in CALL_LABELS ? CALL_LABELS[label as keyof typeof CALL_LABELS] : label;
}

const LABELS = [...OPERATION_LABELS, ...Object.keys(CALL_LABELS)] as (keyof Labels)[];

/** Labels a running call. A label that is not valid is refused, and the others are taken. */
export function labelCall(scope: Scope, labels: Labels): void {
  if (scope.hasOutcome || typeof labels !== 'object' || labels === null) return;
  const forCall = toCallLabels(labels, Date.now());
  const forOperation = toOperationLabels(labels);
  const { call } = scope.incoming;
  Object.assign(call, forCall);
  if (call.unverified) call.unverified = call.unverified.filter((label) => !(label in forCall));
  renewKeys(scope);
  if (Object.keys(forOperation).length > 0) scope.labels = { ...scope.labels, ...forOperation };
  const taken = { ...forCall, ...forOperation };
  for (const label of LABELS) {
    if (!isStated(labels[label]) || keyOf(label) in taken) continue;
    refuse(scope, `The label ${label} was dropped: ${label === 'replayOf' ? 'it is no event id' : 'it is no text'}.`);
  }
}

/** True when `labels` say more than what the operation was created with. */
export function hasFurtherLabels({ operation: { facts } }: Scope, labels: Labels): boolean {
  return LABELS.some((label) => labels[label] !== undefined && labels[label] !== facts[label as keyof typeof facts]);
}
