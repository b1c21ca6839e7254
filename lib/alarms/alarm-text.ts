import type { AlarmSettings, AlarmSpec } from './alarm.ts';
import { isFull } from './monitoring.ts';

/** CloudWatch's own, in characters; a region is counted by the token that stands for it, which is longer. */
const LONGEST_DESCRIPTION = 1_024;

/** What an alarm says: what it means, whose it is, and where to read on. */
export function describeAlarm(promise: AlarmSpec, settings: AlarmSettings, region: string): string {
  const text = [
    promise.means,
    `Severity: ${promise.severity}. Owner: ${promise.owner ?? settings.owner}.`,
    `Runbook: ${settings.runbookUrl ?? 'docs/runbook.md'}#${anchorOf(promise.name)}`,
    ...(promise.logsUrl ? [`Logs: ${promise.logsUrl}`] : []),
    ...(isFull(settings)
      ? [
          `Dashboard: https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${settings.service}`,
        ]
      : []),
  ].join('\n');
  if (text.length > LONGEST_DESCRIPTION) {
    throw new Error(
      `The alarm ${promise.name} says ${text.length} characters; CloudWatch takes ${LONGEST_DESCRIPTION}.`,
    );
  }
  return text;
}

/** The heading an alarm has in the runbook: all tools share theirs, all queues too, and a composite's parts the composite's. */
export const headingOf = (name: string): string =>
  name.replace(/^(tool|provider|queue|probe)\/[^/]+\//, '$1/*/').replace(/\/(long|short)-window$/, '');

/** As GitHub makes anchors of headings. */
const anchorOf = (name: string): string => headingOf(name).replaceAll(/[^a-z0-9_-]/g, '');
