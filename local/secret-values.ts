import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Cloud } from '../emulator/cloud.ts';
import { type Assembly, allStacks } from '../emulator/cloudformation/template.ts';
import type { SecretSource, SecretSources } from '../lambdas/contract/secret-source.ts';

/** Where the values of secrets are on this machine; git ignores it. */
export const SECRETS_FILE = '.env.local';

const readValues = (file: string): Readonly<Record<string, string | undefined>> =>
  existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};

/** Where the secrets of all functions of an assembly are stored, as their environments say. */
const readSources = ({ stacks }: Assembly): SecretSources =>
  Object.assign(
    {},
    ...allStacks(stacks)
      .flatMap(({ template }) => Object.values(template.Resources))
      .map(
        ({ Properties }) => (Properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables,
      )
      .flatMap((variables) => (typeof variables?.TOOLWATCH_SECRETS === 'string' ? variables.TOOLWATCH_SECRETS : []))
      .map((text): SecretSources => JSON.parse(text)),
  );

/**
 * Gives the secrets that an assembly's functions read the values that are `known`, or that `file` has for them, in the
 * stores where the functions look. Returns the names of those without a value.
 */
export const provideSecrets = (
  cloud: Cloud,
  assembly: Assembly,
  file: string,
  known: Readonly<Record<string, string>> = {},
): string[] => {
  const values = { ...readValues(file), ...known };
  /** Several secrets may be fields of one JSON object. */
  const fields = new Map<string, [string, string][]>();
  const provide = (source: SecretSource, value: string): void => {
    if ('parameter' in source) cloud.parameters.provide(source.parameter, value);
    else if (source.field === undefined) cloud.secrets.provide(source.secret, value);
    else fields.set(source.secret, [...(fields.get(source.secret) ?? []), [source.field, value]]);
  };
  const missing: string[] = [];
  for (const [name, source] of Object.entries(readSources(assembly))) {
    const value = values[name];
    if (value) provide(source, value);
    else missing.push(name);
  }
  for (const [secret, ofSecret] of fields) cloud.secrets.provide(secret, JSON.stringify(Object.fromEntries(ofSecret)));
  return missing;
};

/** What to write into the file for secrets without a value. */
export const describeMissingSecrets = (names: readonly string[]): string =>
  `No value for ${names.join(', ')}: the tools and channels that read ${names.length === 1 ? 'it' : 'them'} will fail. ` +
  `Write ${names[0]}=… into ${SECRETS_FILE}, which git ignores.`;
