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

/** A function as it was published, or, for `$LATEST`, as it is now. */
export interface Version {
  number: string;
  configuration: Configuration;
  /** Environments that wait for their next invocation; a new array once the version is retired. */
  idle: Environment[];
}

export interface Alias {
  version: string;
  /** While traffic shifts: the other version and its share of the invocations, 0 to 1. */
  shifting?: { version: string; weight: number } | undefined;
}

/** The versions of one function and their aliases. */
export interface Versions {
  latest: Version;
  published: Map<string, Version>;
  aliases: Map<string, Alias>;
  /** How many versions were ever published: numbers are not reused. */
  publishedCount: number;
}

const LATEST = '$LATEST';

export const createVersions = (configuration: Configuration): Versions => ({
  latest: { number: LATEST, configuration, idle: [] },
  published: new Map(),
  aliases: new Map(),
  publishedCount: 0,
});

/** Publishes `$LATEST` and returns its number. Throws, as CloudFormation does, if the last version is identical. */
export const publish = (versions: Versions): string => {
  const { latest, published, publishedCount: count } = versions;
  const last = published.get(String(count));
  if (last && JSON.stringify(last.configuration) === JSON.stringify(latest.configuration)) {
    throw new Error(
      `A version for this Lambda function exists ( ${count} ). Modify the function to create a new version.`,
    );
  }
  versions.publishedCount += 1;
  const number = String(versions.publishedCount);
  published.set(number, { number, configuration: latest.configuration, idle: [] });
  return number;
};

/**
 * The version that an invocation runs. While an alias shifts, `random` (0 to 1) chooses between its two versions.
 * Throws `AwsError` ResourceNotFoundException for a qualifier that is neither a version nor an alias.
 */
export const versionFor = (
  { latest, published, aliases }: Versions,
  arn: string,
  qualifier: string | undefined,
  random: number,
): Version => {
  if (qualifier === undefined || qualifier === LATEST) return latest;
  const alias = aliases.get(qualifier);
  const aliased = alias?.shifting && random < alias.shifting.weight ? alias.shifting.version : alias?.version;
  const version = published.get(aliased ?? qualifier);
  if (version) return version;
  throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}:${qualifier}`, 404);
};
