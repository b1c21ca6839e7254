import { InvalidSettings } from '../settings.ts';
import type { AlarmSettings, AlarmSpec } from './alarm-spec.ts';
import { isFull } from './monitoring.ts';

/** CloudWatch's limit, in characters. */
const MAX_DESCRIPTION = 1_024;
/** How long a part becomes that is known only at deployment: a region, or a name that CloudFormation makes. */
const REGION_LENGTH = 14;
const NAME_LENGTH = 100;

/** A dashboard's name. An account has one list of them for all its regions. */
export const dashboardName = (service: string, region: string): string => `${service}-${region}`;

const lengthOf = (text: string): number =>
  text
    .replaceAll(/\$\{Token\[AWS\.Region[^\]]*\]\}/g, 'r'.repeat(REGION_LENGTH))
    .replaceAll(/\$\{Token\[[^\]]*\]\}/g, 'n'.repeat(NAME_LENGTH)).length;

/**
 * An alarm's description: what it means, who acts, and where to read on. Where the link to the lines would make it too
 * long for CloudWatch, that is left out. Throws `InvalidSettings` when it is too long nevertheless.
 */
export function describeAlarm(spec: AlarmSpec, settings: AlarmSettings, region: string): string {
  const text = composeDescription(spec, settings, region);
  if (lengthOf(text) <= MAX_DESCRIPTION) return text;
  const { logsUrl: _, ...withoutLogs } = spec;
  const shorter = composeDescription(withoutLogs, settings, region);
  if (lengthOf(shorter) <= MAX_DESCRIPTION) return shorter;
  throw new InvalidSettings(
    `The description of the alarm ${spec.name} has ${lengthOf(shorter)} characters, and CloudWatch takes ` +
      `${MAX_DESCRIPTION}; write a shorter runbookUrl or owner.`,
  );
}

const composeDescription = (spec: AlarmSpec, settings: AlarmSettings, region: string): string =>
  [
    spec.means,
    `Severity: ${spec.severity}. Owner: ${spec.owner ?? settings.owner}.`,
    `Runbook: ${settings.runbookUrl ?? 'docs/runbook.md'}#${anchorOf(spec.name)}`,
    ...(spec.logsUrl ? [`Logs: ${spec.logsUrl}`] : []),
    ...(isFull(settings)
      ? [
          `Dashboard: https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}` +
            `#dashboards/dashboard/${dashboardName(settings.service, region)}`,
        ]
      : []),
  ].join('\n');

/**
 * An alarm's heading in the runbook: all tools share one, as do all queues; a composite's parts share the composite's.
 */
export const headingOf = (name: string): string =>
  name.replace(/^(tool|provider|queue|probe)\/[^/]+\//, '$1/*/').replace(/\/(long|short)-window$/, '');

/** The anchor that GitHub makes of a heading. */
const anchorOf = (name: string): string => headingOf(name).replaceAll(/[^a-z0-9_-]/g, '');
