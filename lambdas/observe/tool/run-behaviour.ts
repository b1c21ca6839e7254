import type * as z from 'zod';
import type { Outcome } from '../call/run-call.ts';
import type { Scope } from '../call/scope.ts';
import { createToolContext } from '../call/tool-context.ts';
import { type Failure, failureOfThrown } from '../failure/failure.ts';
import { withRetries } from '../retry/retry.ts';
import { loadSecrets, renewSecrets, type Secrets } from '../secrets/load-secrets.ts';
import type { Definition } from './definition.ts';
import { validateResult } from './validate-result.ts';

/** True when a service refused the credentials that it was sent. */
function isRefusal(failure: Failure | undefined): boolean {
  return failure?.upstreamStatus === 401 || failure?.upstreamStatus === 403;
}

/**
 * Runs the tool's behaviour and validates its result; both are repeated when the tool may retry, and once more when the
 * service refused a secret that has been rotated meanwhile.
 */
export function runBehaviour<
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(tool: Definition<In, Out, Setting, Secret>, args: z.output<In>, scope: Scope): Promise<Outcome<z.output<Out>>> {
  const { facts, behaviour, retry } = tool;
  const run = (secrets: Secrets<Secret>): Promise<Outcome<z.output<Out>>> => {
    const context = createToolContext(scope, facts.settings, secrets);
    return withRetries<z.output<Out>>(scope, retry, async () => {
      try {
        return validateResult(tool, await behaviour(args, context));
      } catch (thrown) {
        return { failure: failureOfThrown(thrown, facts.provider) };
      }
    });
  };
  const runWithSecrets = async (names: readonly Secret[]): Promise<Outcome<z.output<Out>>> => {
    const outcome = await run(await loadSecrets(names));
    const mayRepeat = facts.readOnly || facts.idempotent;
    if (!isRefusal(outcome.failure) || !(await renewSecrets(names)) || !mayRepeat) return outcome;
    scope.attempts += 1;
    return run(await loadSecrets(names));
  };
  return facts.secrets ? runWithSecrets(facts.secrets) : run({} as Secrets<Secret>);
}
