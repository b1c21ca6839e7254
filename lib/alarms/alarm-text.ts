import type { Construct } from 'constructs';
import { cloudWatchUrl, maxLengthOf } from '../console.ts';
import type { AlarmSettings, AlarmSpec } from './alarm-spec.ts';
import { isFull } from './monitoring.ts';

/** CloudWatch's limit, in characters. */
const MAX_DESCRIPTION = 1_024;

/**
 * An alarm's description: what it means, who acts, and where to read on. Throws when CloudWatch would refuse its
 * length.
 */
export function describeAlarm(scope: Construct, spec: AlarmSpec, settings: AlarmSettings): string {
  const text = [
    spec.means,
    `Severity: ${spec.severity}. Owner: ${spec.owner ?? settings.owner}.`,
    `Runbook: ${settings.runbookUrl ?? 'docs/runbook.md'}#${anchorOf(spec.name)}`,
    ...(spec.logsUrl ? [`Logs: ${spec.logsUrl}`] : []),
    ...(isFull(settings) ? [`Dashboard: ${cloudWatchUrl(scope, `dashboards/dashboard/${settings.service}`)}`] : []),
  ].join('\n');
  const length = maxLengthOf(scope, text);
  if (length > MAX_DESCRIPTION) {
    throw new Error(
      `The description of the alarm ${spec.name} has ${length} characters; CloudWatch takes ${MAX_DESCRIPTION}.`,
    );
  }
  return text;
}

/**
 * An alarm's heading in the runbook: all tools share one, as do all queues; a composite's parts share the composite's.
 */
export const headingOf = (name: string): string =>
  name.replace(/^(tool|provider|queue|probe)\/[^/]+\//, '$1/*/').replace(/\/(long|short)-window$/, '');

/** The anchor that GitHub makes of a heading. */
const anchorOf = (name: string): string => headingOf(name).replaceAll(/[^a-z0-9_-]/g, '');
