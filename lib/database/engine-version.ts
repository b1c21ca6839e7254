import { AuroraPostgresEngineVersion, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import type { DatabaseSettings } from '../settings/database-settings.ts';

/** The schema needs this major version. */
const MAJOR = '18';

/**
 * RDS creates an instance from a major version alone, and updates its minor one; Aurora names each version. An app of
 * others, whose CDK may not know them, never asks.
 */
const defaultOf = (kind: DatabaseSettings['kind']): string =>
  kind === 'aurora'
    ? AuroraPostgresEngineVersion.VER_18_4.auroraPostgresFullVersion
    : PostgresEngineVersion.VER_18.postgresFullVersion;

const PRODUCTS: Record<DatabaseSettings['kind'], string> = {
  instance: 'RDS for PostgreSQL',
  aurora: 'Aurora PostgreSQL',
};

type VersionSettings = Pick<DatabaseSettings, 'kind' | 'version'>;

/** The version of the server: the setting, or else the default of its kind. */
export const engineVersionOf = ({ kind, version = defaultOf(kind) }: VersionSettings): string => version;

const versionsIn = (engine: object): string[] =>
  Object.values(engine).flatMap((version) => {
    if (version instanceof AuroraPostgresEngineVersion) return [version.auroraPostgresFullVersion];
    return version instanceof PostgresEngineVersion ? [version.postgresFullVersion] : [];
  });

/** The versions of a kind that exist, of the major version that the schema needs. */
const engineVersions = (kind: DatabaseSettings['kind']): string[] =>
  versionsIn(kind === 'aurora' ? AuroraPostgresEngineVersion : PostgresEngineVersion).filter(
    (version) => version.split('.')[0] === MAJOR,
  );

/** A version that does not exist, in a sentence that says which do. */
export function findUnknownVersion(settings: VersionSettings): string[] {
  const version = engineVersionOf(settings);
  const known = engineVersions(settings.kind);
  if (known.includes(version)) return [];
  return [
    `Setting database.version: ${PRODUCTS[settings.kind]} has no version ${version} that Toolwatch runs on; ` +
      `write ${known.join(', ')}, or leave it out.`,
  ];
}
