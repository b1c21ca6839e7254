import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { AT_DEPLOYMENT, readWidgets } from './dashboard-body.ts';
import { nameOf } from './read-metrics.ts';
import { JoinedText, ResourceName, resolveProperty } from './resolved.ts';

/** The alarm that a part of a rule stands for: `ALARM("<this>")`. */
const NAMED = /(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^")]+)"?\s*\)/g;

const isAlarm = (construct: IConstruct): construct is cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm =>
  construct instanceof cloudwatch.CfnAlarm || construct instanceof cloudwatch.CfnCompositeAlarm;

/** The name in an ARN of an alarm, or the text itself. */
const nameIn = (text: string): string => text.replace(/^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:/, '');

interface Named {
  readonly names: readonly string[];
  readonly others: readonly ResourceName[];
}

const namedIn = (rule: unknown): Named => {
  const parts = rule instanceof JoinedText ? rule.parts : [rule];
  // A space closes the brackets of what is not text, so that these are no names.
  const text = parts.map((part) => (typeof part === 'string' ? part : '")')).join('');
  return {
    names: [...text.matchAll(NAMED)].flatMap(([, name = '']) => (name.trim() ? [nameIn(name.trim())] : [])),
    others: parts.filter((part) => part instanceof ResourceName),
  };
};

const suppressorIn = (suppressor: unknown): Named => {
  if (suppressor instanceof ResourceName) return { names: [], others: [suppressor] };
  return { names: typeof suppressor === 'string' ? [nameIn(suppressor)] : [], others: [] };
};

const problemsOfComposite = (alarm: cloudwatch.CfnCompositeAlarm, existing: ReadonlySet<string>): string[] => {
  const { rule, suppressor } = resolveProperty(alarm, {
    rule: alarm.alarmRule,
    suppressor: alarm.actionsSuppressor,
  }) as { rule: unknown; suppressor?: unknown };
  return [namedIn(rule), suppressorIn(suppressor)].flatMap(({ names, others }) => [
    ...names
      .filter((name) => !existing.has(name))
      .map((name) => `The alarm ${nameOf(alarm)} depends on the alarm ${name}, which does not exist.`),
    ...others
      .filter(({ resource }) => !isAlarm(resource))
      .map(({ resource }) => `The alarm ${nameOf(alarm)} depends on ${resource.node.path}, which is not an alarm.`),
  ]);
};

const problemsOfDashboard = (dashboard: cloudwatch.CfnDashboard, existing: ReadonlySet<string>): string[] =>
  readWidgets(dashboard)
    .flatMap(({ properties: { alarms = [], annotations } = {} }) => [...alarms, ...(annotations?.alarms ?? [])])
    .map(nameIn)
    .filter((name) => !name.includes(AT_DEPLOYMENT) && !existing.has(name))
    .map((name) => `The dashboard ${dashboard.node.path} shows the alarm ${name}, which does not exist.`);

/** The composite alarms and dashboards below a construct that name alarms which do not exist, in sentences. */
export const findMissingAlarms = (scope: IConstruct): string[] => {
  const existing = new Set(scope.node.root.node.findAll().filter(isAlarm).map(nameOf));
  return scope.node.findAll().flatMap((construct) => {
    if (construct instanceof cloudwatch.CfnCompositeAlarm) return problemsOfComposite(construct, existing);
    return construct instanceof cloudwatch.CfnDashboard ? problemsOfDashboard(construct, existing) : [];
  });
};
