import { DEFAULT_MEMORY_MB, type ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { type Constraint, describeInvalid, isWhole } from './invalid-definitions.ts';

/** Its file, its function and its variable in the list are named after it. */
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const MAX_NAME_LENGTH = 48;
/** Lambda ends a function after 900 seconds, and the wrapper needs time to write the line. */
const MAX_TIMEOUT_SECONDS = 840;
const MAX_ATTEMPTS = 10;

/** The bounds that `ToolFacts` documents, of tools that are deployed here. Behind them Lambda or a client refuses. */
const CONSTRAINTS: readonly Constraint<ToolFacts>[] = [
  {
    field: 'name',
    value: ({ name }) => name,
    holds: ({ name }) => NAME.test(name) && name.length <= MAX_NAME_LENGTH,
    remedy: `write at most ${MAX_NAME_LENGTH} characters in snake_case, such as city_weather`,
  },
  {
    field: 'description',
    value: ({ description }) => JSON.stringify(description),
    holds: ({ description }) => description.trim() !== '',
    remedy: 'write what it does and when a model should use it',
  },
  {
    field: 'timeoutSeconds',
    value: ({ timeoutSeconds }) => timeoutSeconds,
    holds: ({ timeoutSeconds }) => isWhole(timeoutSeconds, 1, MAX_TIMEOUT_SECONDS),
    remedy: `write whole seconds, 1 to ${MAX_TIMEOUT_SECONDS}: Lambda ends every function after 900`,
  },
  {
    field: 'memoryMb',
    value: ({ memoryMb }) => memoryMb,
    holds: ({ memoryMb = DEFAULT_MEMORY_MB }) => isWhole(memoryMb, 128, 10_240),
    remedy: 'write whole MiB, 128 to 10240',
  },
  {
    field: 'retry.attempts',
    value: ({ retry }) => retry?.attempts,
    holds: ({ retry }) => retry === undefined || isWhole(retry.attempts, 1, MAX_ATTEMPTS),
    remedy: `write a whole number of attempts, 1 to ${MAX_ATTEMPTS}`,
  },
  {
    field: 'retry',
    value: ({ retry }) => `${retry?.attempts} attempts although it writes`,
    holds: ({ retry, readOnly, idempotent = false }) => readOnly || idempotent || (retry?.attempts ?? 1) <= 1,
    remedy: 'leave it out, or state idempotent: true if a second call has no further effect',
  },
  {
    field: 'destructive',
    value: () => 'true although it is read-only',
    holds: ({ readOnly, destructive = false }) => !(readOnly && destructive),
    remedy: 'leave one of the two out',
  },
];

/** Facts of tools of the list outside their documented bounds, in sentences that say what to write. */
export const findInvalidFacts = (tools: readonly ToolFacts[]): string[] =>
  tools.flatMap((facts) => describeInvalid(facts, CONSTRAINTS));
