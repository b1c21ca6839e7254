import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { SEVERITIES, type Severity } from '../../lambdas/contract/severity.ts';
import { consoleUrl } from '../console.ts';
import type { Inbox, InboxAlarm } from '../topics.ts';
import { addCompositeAlarm, alarmName } from './alarm.ts';
import type { AlarmContext, CompositeAlarmSpec } from './alarm-spec.ts';
import { DIRECT_PATH } from './notifier-alarms.ts';

interface DirectPathProps {
  readonly inbox: Inbox;
  /** The name of the alarm that fires while the notifier works. */
  readonly works: string;
}

/** CloudWatch's limit for the alarms in one rule, without the one that says that the notifier works. */
const MAX_ALARMS = 99;
/** CloudWatch's limit for a rule is 10,240 characters, of which the rest of the rule needs some. */
const MAX_RULE = 10_000;

const fires = (name: string): string => `ALARM("${name}")`;
const anyOf = (names: readonly string[]): string => names.map(fires).join(' OR ');

/** Divides alarms into groups of which each fits into a rule. */
const groupAlarms = (alarms: readonly InboxAlarm[]): InboxAlarm[][] => {
  const groups: InboxAlarm[][] = [];
  for (const alarm of alarms) {
    const group = groups.at(-1);
    const next = [...(group ?? []), alarm];
    if (group && next.length <= MAX_ALARMS && anyOf(next.map(({ name }) => name)).length <= MAX_RULE) {
      group.push(alarm);
    } else {
      groups.push([alarm]);
    }
  }
  return groups;
};

/** By name, because an alarm in a nested stack has no other reference without an output of its stack. */
const addComposite = (
  scope: Construct,
  context: AlarmContext,
  spec: Omit<CompositeAlarmSpec, 'rule'> & { readonly rule: string },
  after: readonly Construct[],
): cloudwatch.CompositeAlarm => {
  const alarm = addCompositeAlarm(scope, context, { ...spec, rule: cloudwatch.AlarmRule.fromString(spec.rule) });
  alarm.node.addDependency(...after);
  return alarm;
};

/** The alarms of a severity under at most as many names as a rule takes; more than those are under composites. */
const nest = (
  scope: Construct,
  context: AlarmContext,
  severity: Severity,
  alarms: readonly InboxAlarm[],
): InboxAlarm[] => {
  const groups = groupAlarms(alarms);
  if (groups.length <= 1) return [...alarms];
  return groups.map((group, index) => {
    const spec = {
      name: `${DIRECT_PATH[severity]}/part-${index + 1}` as const,
      severity,
      partOf: DIRECT_PATH[severity],
      means: `One of ${group.length} alarms fires. It notifies nobody.`,
      rule: anyOf(group.map(({ name }) => name)),
    };
    const construct = addComposite(
      scope,
      context,
      spec,
      group.map((alarm) => alarm.construct),
    );
    return { name: alarmName(context.settings, spec.name), construct };
  });
};

/**
 * Adds for each severity the alarm that some alarm fires and the notifier does not work. It publishes to people and
 * pagers directly, and is silent while the notifier works. That it works is a part of the rule and no suppressor: a
 * suppressed alarm would not say either that it is over, and a pager would show it for ever.
 */
export function addDirectPath(scope: Construct, context: AlarmContext, { inbox, works }: DirectPathProps): void {
  const notifierWorks = fires(alarmName(context.settings, works));
  for (const severity of SEVERITIES) {
    const alarms = nest(scope, context, severity, inbox.alarms[severity]);
    if (alarms.length === 0) continue;
    addComposite(
      scope,
      context,
      {
        name: DIRECT_PATH[severity],
        severity,
        bypassesNotifier: true,
        means:
          `Alarms of the severity ${severity} fire, and the notifier does not work, so nobody is notified of each. ` +
          `See which: ${consoleUrl(scope, 'cloudwatch', "alarmsV2:?~(alarmStateFilter~'ALARM)")}`,
        rule: `(${anyOf(alarms.map(({ name }) => name))}) AND NOT ${notifierWorks}`,
      },
      alarms.map(({ construct }) => construct),
    );
  }
}
