import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { INSTANCE_CLASSES } from './settings/database-settings.ts';

/** The part of the CDK's report on a failed synthesis that says what AWS's own validation found. */
const report = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(z.object({ description: z.string(), severity: z.string().optional() })),
    }),
  ),
});

/** What to write when a region lacks a type of resource, by the beginning of the type's name. */
const REMEDIES: Readonly<Record<string, string>> = {
  'AWS::Lambda::Url': "Setting frontDoor: write kind: 'http-api'",
  'AWS::Cognito::': "Setting frontDoor: write jwt with an issuer of your own, or kind: 'function-url'",
  'AWS::ApiGatewayV2::': "Setting frontDoor: write kind: 'function-url'",
  'AWS::RDS::DBProxy': 'Setting database.proxy: write false',
  'AWS::RDS::DBCluster': "Setting database.kind: write 'instance'",
  'AWS::CodeDeploy::': "Setting rollout: write 'all-at-once'",
  'AWS::CloudWatch::AlarmMuteRule': 'Setting mutes: leave it out',
};

/** A type of resource, or the class of a database, that a region does not have, in a sentence; else nothing. */
function describe(description: string): string | undefined {
  const [, type, region] = /Resource type '(.+)' does not exist in '(.+)'/.exec(description) ?? [];
  if (type !== undefined) {
    const [, remedy = 'Setting region: write another one'] =
      Object.entries(REMEDIES).find(([prefix]) => type.startsWith(prefix)) ?? [];
    return `${remedy}; the region ${region} has no ${type}.`;
  }
  const [, wanted, offered = '', where] =
    /^DBInstanceClass: 'db\.(.+?)' is not one of \[(.+)\].* in '(.+)'/.exec(description) ?? [];
  if (wanted === undefined) return undefined;
  const others = INSTANCE_CLASSES.filter((option) => offered.includes(`'db.${option}'`));
  return `Setting database.instance: write ${[...others, "or kind: 'aurora'"].join(', ')}; the region ${where} has no ${wanted}.`;
}

/** What the region of a failed synthesis lacks of what would be deployed, in sentences that say what to write. */
export function findMissingInRegion(outdir: string): string[] {
  const file = join(outdir, 'validation-report.json');
  if (!existsSync(file)) return [];
  const { pluginReports } = report.parse(JSON.parse(readFileSync(file, 'utf8')));
  const descriptions = pluginReports.flatMap(({ violations }) => violations.map(({ description }) => description));
  return [...new Set(descriptions.flatMap((description) => describe(description) ?? []))];
}
