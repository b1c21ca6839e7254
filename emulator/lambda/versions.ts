import { AwsError } from '../aws-error.ts';
import type { Environment } from './environment.ts';
import type { Logging } from './log.ts';

/** What a function runs with. */
export interface Configuration {
  role: string;
  folder: string;
  handler: string;
  memoryMb: number;
  timeoutMs: number;
  variables: Record<string, string>;
  logging: Logging;
  securityGroups: string[];
}

/** A function as it was when it was published, or, as `$LATEST`, as it is. */
export interface Version {
  number: string;
  configuration: Configuration;
  /** Processes that wait for their next invocation; another array once the configuration is another. */
  idle: Environment[];
}

export interface Alias {
  version: string;
  /** While calls shift: who else gets how much of them, 0 to 1. */
  shifting?: { version: string; weight: number } | undefined;
}

/** The versions of one function and the names they go by. */
export interface Versions {
  latest: Version;
  published: Map<string, Version>;
  aliases: Map<string, Alias>;
  /** How many have ever been published: numbers are not used again. */
  count: number;
}

const LATEST = '$LATEST';

export const newVersions = (configuration: Configuration): Versions => ({
  latest: { number: LATEST, configuration, idle: [] },
  published: new Map(),
  aliases: new Map(),
  count: 0,
});

/** Publishes what is latest, and gives its number. Throws when that is published already, as CloudFormation does. */
export const publish = (versions: Versions): string => {
  const { latest, published, count } = versions;
  const last = published.get(String(count));
  if (last && JSON.stringify(last.configuration) === JSON.stringify(latest.configuration)) {
    throw new Error(
      `A version for this Lambda function exists ( ${count} ). Modify the function to create a new version.`,
    );
  }
  versions.count += 1;
  const number = String(versions.count);
  published.set(number, { number, configuration: latest.configuration, idle: [] });
  return number;
};

/**
 * Which version an invocation runs: an alias that shifts gives each to one of its two by chance, and `chance` (0 to 1)
 * is that. Throws `AwsError` ResourceNotFoundException for a qualifier that is neither version nor alias.
 */
export const versionFor = (
  { latest, published, aliases }: Versions,
  arn: string,
  qualifier: string | undefined,
  chance: number,
): Version => {
  if (qualifier === undefined || qualifier === LATEST) return latest;
  const alias = aliases.get(qualifier);
  const shifted = alias?.shifting && chance < alias.shifting.weight ? alias.shifting.version : alias?.version;
  const found = published.get(shifted ?? qualifier);
  if (found) return found;
  throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}:${qualifier}`, 404);
};
