import * as z from 'zod';

/** The settings that a deployment is named by. */
export interface NamingSettings {
  readonly service: string;
  readonly environment: string;
  readonly deploymentName?: string | undefined;
}

/** The environment that adds nothing to a deployment's name. */
export const DEFAULT_ENVIRONMENT = 'production';

/** Leaves room for what follows in the longest names: of functions (64 characters) and of the database's proxy (60). */
const MAX_LENGTH = 40;
/**
 * Without two hyphens together, which the name of the database's proxy may not have, and without `tool` as a word:
 * `shop-tool-ingest` is the function of the tool `ingest` of `shop`.
 */
const NAME = /^(?!(.*-)?tool(-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const WRITE_NAME =
  'write lower-case letters and digits, in words with one hyphen between them, none of which is tool, a letter first';

export const deploymentNameSetting = z.string().min(2).max(MAX_LENGTH).regex(NAME, WRITE_NAME).optional();

/**
 * What tells a deployment from every other in its account and region: in the name of everything it deploys, and the
 * `service` of its metrics, so that two environments share neither a resource nor a metric.
 */
export const deploymentNameOf = ({ service, environment, deploymentName }: NamingSettings): string =>
  deploymentName ?? (environment === DEFAULT_ENVIRONMENT ? service : `${service}-${environment}`);

/** What the names of a deployment's stacks begin with: `shop-staging` → `ShopStaging`. */
export const stackPrefixOf = (settings: NamingSettings): string =>
  deploymentNameOf(settings).replaceAll(/(^|-)([a-z0-9])/g, (_, _hyphen, letter: string) => letter.toUpperCase());

/** Why an environment cannot be a part of names, in a sentence that says what to write. */
export function validateDeploymentName(settings: NamingSettings): string[] {
  if (settings.deploymentName !== undefined || settings.environment === DEFAULT_ENVIRONMENT) return [];
  const name = deploymentNameOf(settings);
  if (!NAME.test(name)) {
    return [`Setting environment: every name has it, as in ${name}; ${WRITE_NAME}, or write deploymentName as well.`];
  }
  if (name.length <= MAX_LENGTH) return [];
  return [
    `Setting environment: the deployment would be named ${name}, which has ${name.length} characters, and ` +
      `${MAX_LENGTH} are allowed; write a shorter one, or write deploymentName as well.`,
  ];
}
