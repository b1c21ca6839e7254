import type * as z from 'zod';
import type { Outcome } from '../call/run-call.ts';
import type { Scope } from '../call/scope.ts';
import { createToolContext } from '../call/tool-context.ts';
import { type Failure, failureOfThrown } from '../failure/failure.ts';
import { withRetries } from '../retry/retry.ts';
import { loadSecrets, renewSecrets, type Secrets } from '../secrets/load-secrets.ts';
import type { Definition } from './definition.ts';
import { validateResult } from './validate-result.ts';

const runWithSecrets = <In extends z.ZodObject, Out extends z.ZodObject, Setting extends string, Secret extends string>(
  tool: Definition<In, Out, Setting, Secret>,
  args: z.output<In>,
  scope: Scope,
  secrets: Secrets<Secret>,
): Promise<Outcome<z.output<Out>>> => {
  const context = createToolContext(scope, tool.facts.settings, secrets);
  return withRetries<z.output<Out>>(scope, tool.retry, async () => {
    try {
      return validateResult(tool, await tool.behaviour(args, context));
    } catch (thrown) {
      return { failure: failureOfThrown(thrown, tool.facts.provider) };
    }
  });
};

/** True when a service refused the credentials that it was sent. */
const isRefusal = (failure: Failure | undefined): boolean =>
  failure?.upstreamStatus === 401 || failure?.upstreamStatus === 403;

const runWithLoadedSecrets = async <
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(
  tool: Definition<In, Out, Setting, Secret>,
  args: z.output<In>,
  scope: Scope,
  names: readonly Secret[],
): Promise<Outcome<z.output<Out>>> => {
  const outcome = await runWithSecrets(tool, args, scope, await loadSecrets(names));
  const { readOnly, idempotent } = tool.facts;
  if (!isRefusal(outcome.failure) || !(await renewSecrets(names)) || !(readOnly || idempotent)) return outcome;
  scope.attempts += 1;
  return runWithSecrets(tool, args, scope, await loadSecrets(names));
};

/**
 * Runs the tool's behaviour and validates its result; both are repeated when the tool may retry, and once more when the
 * service refused a secret that has been rotated meanwhile.
 */
export const runBehaviour = <
  In extends z.ZodObject,
  Out extends z.ZodObject,
  Setting extends string,
  Secret extends string,
>(
  tool: Definition<In, Out, Setting, Secret>,
  args: z.output<In>,
  scope: Scope,
): Promise<Outcome<z.output<Out>>> => {
  const { secrets } = tool.facts;
  return secrets
    ? runWithLoadedSecrets(tool, args, scope, secrets)
    : runWithSecrets(tool, args, scope, {} as Secrets<Secret>);
};
