import { isRepeatable } from '../../lambdas/contract/jobs/repeatable.ts';
import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { secretNameOf } from '../settings/alert-channel-settings.ts';
import type { HookSettings } from '../settings/job-settings.ts';
import type { Settings } from '../settings.ts';
import { hookSecretNameOf } from './hook-secrets.ts';
import { hookVariables } from './hook-variables.ts';

type CalledTool = Pick<ToolFacts, 'name' | 'readOnly' | 'idempotent' | 'takesIdempotencyKey' | 'secrets' | 'input'>;

/** Lambda's limit for all variables of a function is 4,096 bytes, of which the others take some. */
const MAX_BYTES = 3_400;

const findToolProblem = (
  { source, tool, argument }: HookSettings,
  tools: readonly CalledTool[],
): string | undefined => {
  const facts = tools.find(({ name }) => name === tool);
  if (!facts) {
    const names = tools.map(({ name }) => name).sort();
    return `${source} calls the tool ${tool}, which does not exist; there are ${names.join(', ')}.`;
  }
  if (!isRepeatable(facts)) {
    return (
      `${source} calls the tool ${tool}, which may be called again for one event; hand call.idempotency_key to whoever ` +
      'does its work and state takesIdempotencyKey: true, state idempotent: true where that is so, or call another tool.'
    );
  }
  if (argument === undefined) return undefined;
  const { shape } = facts.input;
  if (!shape[argument]) {
    return `${source} gives the body to ${argument}, which the tool ${tool} does not take; it takes ${Object.keys(shape).join(', ')}.`;
  }
  const others = Object.keys(shape).filter((name) => name !== argument && !shape[name]?.safeParse(undefined).success);
  return others.length > 0
    ? `${source} gives the tool ${tool} nothing but ${argument}, and it also needs ${others.join(', ')}.`
    : undefined;
};

const findSecretProblem = (
  hook: HookSettings,
  { hooks, alerts, region }: Pick<Settings, 'hooks' | 'alerts' | 'region'>,
  tools: readonly CalledTool[],
): string | undefined => {
  const { source, secret } = hook;
  const name = hookSecretNameOf(hook);
  const taken = [...tools.flatMap(({ secrets = [] }) => secrets), ...alerts.channels.map(secretNameOf)];
  if (taken.includes(name)) {
    return `${source} has the secret ${name}, which is a tool's or a channel's; write another secretName.`;
  }
  const other = hooks.find(
    (each) => hookSecretNameOf(each) === name && JSON.stringify(each.secret) !== JSON.stringify(secret),
  );
  if (other) {
    return `${source} and ${other.source} name the secret ${name}, but store it at different places; write two names.`;
  }
  const own = secret && 'secret' in secret ? secret.secret.split(':')[3] : undefined;
  return region !== undefined && own !== undefined && own !== region
    ? `the secret of ${source} is in ${own}, and it is read in ${region}; replicate it there.`
    : undefined;
};

/** Hooks that cannot be deployed, in sentences that say what to write. */
export const findHookProblems = (settings: Settings, tools: readonly CalledTool[]): string[] => {
  const bytes = Buffer.byteLength(Object.values(hookVariables(settings)).join(''));
  return [
    ...settings.hooks.flatMap((hook) => findToolProblem(hook, tools) ?? []),
    ...settings.hooks.flatMap((hook) => findSecretProblem(hook, settings, tools) ?? []),
    ...(bytes > MAX_BYTES
      ? [
          `they take ${bytes} bytes as JSON with the places of their secrets, and ${MAX_BYTES} are possible; write fewer.`,
        ]
      : []),
  ].map((problem) => `Setting hooks: ${problem}`);
};
