import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import { headingOf } from '../lambdas/contract/runbook.ts';
import { SEVERITIES } from '../lambdas/contract/severity.ts';
import { PART_OF_TAG } from './alarms/alarm.ts';

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}
export interface Template {
  Resources?: Record<string, Resource>;
}

export interface AlarmProblem {
  logicalId: string;
  /** A sentence that says what is wrong and what to write. */
  problem: string;
}

const ALARM_TYPES = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

/** The headings of docs/runbook.md that are alarms' names. */
export const readRunbookHeadings = (runbook: string): string[] =>
  [...runbook.matchAll(/^#+ ([a-z]+\/\S+)$/gm)].map((match) => match[1] ?? '');

/** The names of a template's alarms, composites included. */
export const alarmNamesIn = (template: Template): string[] => alarmsIn(template).map(([, alarm]) => nameOf(alarm));

/**
 * What is wrong with a template's alarms: no action when one fires or is over, no severity, no owner, no heading in the
 * runbook; and topics that have subscribers but no alarm. Empty when all is well.
 */
export function findAlarmProblems(template: Template, headings: readonly string[]): AlarmProblem[] {
  const names = new Set(alarmNamesIn(template));
  return [
    ...alarmsIn(template).flatMap(([logicalId, alarm]) =>
      problemsOf(alarm, names, headings).map((problem) => ({
        logicalId,
        problem: `The alarm ${nameOf(alarm)} ${problem}.`,
      })),
    ),
    ...findUnusedTopics(template),
  ];
}

function problemsOf(alarm: Resource, names: ReadonlySet<string>, headings: readonly string[]): string[] {
  const { AlarmActions, OKActions, Tags } = alarm.Properties ?? {};
  const tags = new Map(listOf<{ Key: string; Value: string }>(Tags).map(({ Key, Value }) => [Key, Value]));
  const problems: string[] = [];
  const partOf = tags.get(PART_OF_TAG);
  if (partOf === undefined) {
    if (listOf(AlarmActions).length === 0) problems.push('notifies no topic when it fires; give it an alarm action');
    if (listOf(OKActions).length === 0) problems.push('notifies no topic when it is over; give it an OK action');
  } else if (!names.has(partOf)) {
    problems.push(`is a part of ${partOf}, which does not exist; name the composite alarm that notifies on its behalf`);
  }
  if (!SEVERITIES.some((severity) => severity === tags.get('severity'))) {
    problems.push(`has no severity; tag it with severity ${SEVERITIES.join(' or ')}`);
  }
  if (!tags.get('owner')) problems.push('has no owner; tag it with an owner');
  // A part is described with the whole.
  if (!hasHeading(partOf !== undefined && names.has(partOf) ? partOf : nameOf(alarm), headings)) {
    problems.push('has no heading in docs/runbook.md; write what it means, where to look and what to do');
  }
  return problems;
}

/**
 * A deployment with another name than the default's puts it in front of its alarms' names, and the runbook leaves it out.
 */
const hasHeading = (name: string, headings: readonly string[]): boolean =>
  [name, name.replace(/^[^/]+\//, '')].some((candidate) => headings.includes(headingOf(candidate)));

/**
 * A topic is used when an alarm's action refers to it, or when it is passed to a nested stack, whose alarms then do.
 */
function findUnusedTopics(template: Template): AlarmProblem[] {
  const resources = Object.values(template.Resources ?? {});
  const references = JSON.stringify(resources.map(topicReferences));
  const subscribed = resources
    .filter(({ Type }) => Type === 'AWS::SNS::Subscription')
    .flatMap(({ Properties }) => (Properties?.TopicArn as { Ref?: string } | undefined)?.Ref ?? []);
  return [...new Set(subscribed)]
    .filter((topic) => !references.includes(`{"Ref":"${topic}"}`))
    .map((topic) => ({
      logicalId: topic,
      problem: `The topic ${topic} has subscribers, but no alarm notifies it; add an alarm action, or remove it.`,
    }));
}

const topicReferences = ({ Type, Properties }: Resource): unknown => {
  if (ALARM_TYPES.includes(Type)) return Properties?.AlarmActions;
  return Type === 'AWS::CloudFormation::Stack' ? Properties?.Parameters : undefined;
};

/** Fails synthesis when there are problems with alarms. */
export class AlarmAudit implements IPolicyValidationPlugin {
  readonly name = 'Toolwatch alarms';

  validate({ templatePaths }: IPolicyValidationContext) {
    const headings = readRunbookHeadings(readFileSync(join(import.meta.dirname, '../docs/runbook.md'), 'utf8'));
    const violations: PolicyViolation[] = templatePaths.flatMap((templatePath) =>
      findAlarmProblems(JSON.parse(readFileSync(templatePath, 'utf8')), headings).map(({ logicalId, problem }) => ({
        ruleName: 'alarm-spec',
        description: problem,
        severity: 'error',
        violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: ['Properties'] }],
      })),
    );
    return { success: violations.length === 0, violations };
  }
}

const alarmsIn = ({ Resources = {} }: Template) =>
  Object.entries(Resources).filter(([, { Type }]) => ALARM_TYPES.includes(Type));

const nameOf = ({ Properties }: Resource): string => String(Properties?.AlarmName ?? 'without a name');

const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? value : []);
