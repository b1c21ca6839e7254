import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import { PART_OF_TAG } from './alarms/alarm.ts';
import { headingOf } from './alarms/alarm-text.ts';
import { SEVERITIES } from './topics.ts';

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}
export interface Template {
  Resources?: Record<string, Resource>;
}

export interface AlarmProblem {
  logicalId: string;
  /** A sentence that says what is wrong. */
  problem: string;
}

const ALARM_TYPES = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

/** The headings of docs/runbook.md that are alarms' names. */
export const readRunbookHeadings = (runbook: string): string[] =>
  [...runbook.matchAll(/^#+ ([a-z]+\/\S+)$/gm)].map((match) => match[1] ?? '');

/** The names of a template's alarms, composites among them. */
export const alarmNamesIn = (template: Template): string[] => alarmsIn(template).map(([, alarm]) => nameOf(alarm));

/**
 * What is wrong with a template's alarms: nobody told when one fires or is over, no severity, no owner, no heading in the
 * runbook; and topics that people subscribe to and no alarm tells. Empty when all is well.
 */
export function findAlarmProblems(template: Template, headings: readonly string[]): AlarmProblem[] {
  const names = new Set(alarmNamesIn(template));
  return [
    ...alarmsIn(template).flatMap(([logicalId, alarm]) =>
      faultsOf(alarm, names, headings).map((fault) => ({ logicalId, problem: `The alarm ${nameOf(alarm)} ${fault}.` })),
    ),
    ...unusedTopics(template),
  ];
}

function faultsOf(alarm: Resource, names: ReadonlySet<string>, headings: readonly string[]): string[] {
  const { AlarmActions, OKActions, Tags } = alarm.Properties ?? {};
  const tags = new Map(listOf<{ Key: string; Value: string }>(Tags).map(({ Key, Value }) => [Key, Value]));
  const faults: string[] = [];
  const partOf = tags.get(PART_OF_TAG);
  if (partOf === undefined) {
    if (listOf(AlarmActions).length === 0) faults.push('tells nobody when it fires; give it an alarm action');
    if (listOf(OKActions).length === 0) faults.push('tells nobody when it is over; give it an OK action');
  } else if (!names.has(partOf)) {
    faults.push(`is a part of ${partOf}, which does not exist`);
  }
  if (!SEVERITIES.some((severity) => severity === tags.get('severity'))) {
    faults.push(`has no severity; tag it with one of ${SEVERITIES.join(', ')}`);
  }
  if (!tags.get('owner')) faults.push('has no owner; tag it with one');
  const name = nameOf(alarm);
  // A second deployment in an account has its service's name before its alarms'.
  if (!headings.some((heading) => [name, name.replace(/^[^/]+\//, '')].map(headingOf).includes(heading))) {
    faults.push('has no heading in docs/runbook.md; write what it means, where to look, what to do');
  }
  return faults;
}

/** A topic counts as told when an alarm's action refers to it, or when it is handed to a nested stack, whose alarms do. */
function unusedTopics(template: Template): AlarmProblem[] {
  const resources = Object.entries(template.Resources ?? {});
  const told = JSON.stringify(
    resources.flatMap(([, { Type, Properties }]) =>
      ALARM_TYPES.includes(Type)
        ? [Properties?.AlarmActions]
        : Type === 'AWS::CloudFormation::Stack'
          ? [Properties?.Parameters]
          : [],
    ),
  );
  return resources
    .filter(([, { Type }]) => Type === 'AWS::SNS::Subscription')
    .map(([, { Properties }]) => (Properties?.TopicArn as { Ref?: string } | undefined)?.Ref)
    .filter((topic, index, all) => topic !== undefined && all.indexOf(topic) === index)
    .flatMap((topic) =>
      topic && !told.includes(`{"Ref":"${topic}"}`)
        ? [{ logicalId: topic, problem: `People subscribe to the topic ${topic}, and no alarm tells it anything.` }]
        : [],
    );
}

/** Refuses to synthesize alarms with faults. */
export class AlarmAudit implements IPolicyValidationPlugin {
  readonly name = 'Toolwatch alarms';

  validate({ templatePaths }: IPolicyValidationContext) {
    const headings = readRunbookHeadings(readFileSync(join(import.meta.dirname, '../docs/runbook.md'), 'utf8'));
    const violations: PolicyViolation[] = templatePaths.flatMap((templatePath) =>
      findAlarmProblems(JSON.parse(readFileSync(templatePath, 'utf8')), headings).map(
        ({ logicalId, problem: fault }) => ({
          ruleName: 'alarm-promise',
          description: fault,
          severity: 'error',
          violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: ['Properties'] }],
        }),
      ),
    );
    return { success: violations.length === 0, violations };
  }
}

const alarmsIn = ({ Resources = {} }: Template) =>
  Object.entries(Resources).filter(([, { Type }]) => ALARM_TYPES.includes(Type));

const nameOf = ({ Properties }: Resource): string => String(Properties?.AlarmName ?? 'without a name');

const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? value : []);
