import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { anchorOf, headingOf } from '../../lambdas/contract/runbook.ts';
import { consoleUrl, maxLengthOf } from '../console.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { InvalidSettings } from '../settings.ts';
import type { AlarmSettings, AlarmSpec } from './alarm-spec.ts';
import { isFull } from './monitoring.ts';

/** CloudWatch's limit, in characters. */
const MAX_DESCRIPTION = 1_024;
/** A dashboard's name. An account has one list of them for all its regions. */
export const dashboardName = (service: string, region: string): string => `${service}-${region}`;

/**
 * An alarm's description: what it means, who acts, and where to read on. Where the link to the lines would make it too
 * long for CloudWatch, that is left out. Throws `InvalidSettings` when it is too long nevertheless.
 */
export function describeAlarm(scope: Construct, spec: AlarmSpec, settings: AlarmSettings): string {
  const text = composeDescription(scope, spec, settings);
  if (maxLengthOf(scope, text) <= MAX_DESCRIPTION) return text;
  const { logsUrl: _, ...withoutLogs } = spec;
  const shorter = composeDescription(scope, withoutLogs, settings);
  if (maxLengthOf(scope, shorter) <= MAX_DESCRIPTION) return shorter;
  throw new InvalidSettings(
    `The description of the alarm ${spec.name} has ${maxLengthOf(scope, shorter)} characters, and CloudWatch takes ` +
      `${MAX_DESCRIPTION}; write a shorter runbookUrl or owner.`,
  );
}

export const dashboardUrl = (scope: Construct, settings: AlarmSettings): string =>
  consoleUrl(
    scope,
    'cloudwatch',
    `dashboards/dashboard/${dashboardName(deploymentNameOf(settings), Stack.of(scope).region)}`,
  );

const composeDescription = (scope: Construct, spec: AlarmSpec, settings: AlarmSettings): string =>
  [
    spec.means,
    `Severity: ${spec.severity}. Owner: ${spec.owner ?? settings.owner}.`,
    `Runbook: ${spec.runbookUrl ?? runbookLink(spec.name, settings)}`,
    ...(spec.logsUrl ? [`Logs: ${spec.logsUrl}`] : []),
    ...(isFull(settings) ? [`Dashboard: ${dashboardUrl(scope, settings)}`] : []),
  ].join('\n');

/** Where the runbook is about an alarm; its beginning for an alarm without a name. */
export const runbookLink = (name: string, { runbookUrl }: Pick<AlarmSettings, 'runbookUrl'>): string =>
  [runbookUrl ?? 'docs/runbook.md', ...(name === '' ? [] : [anchorOf(headingOf(name))])].join('#');
