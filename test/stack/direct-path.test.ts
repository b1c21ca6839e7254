import { expect, test } from 'vitest';
import { parseAlarmRule } from '../../emulator/cloudwatch/alarm-rule.ts';
import type { AlarmState } from '../../emulator/cloudwatch/alarm-state.ts';
import { alarmsOf, aTool, synthesize } from '../support/synthesized.ts';

const alerts = { critical: { emails: ['a@example.com'] }, warning: { emails: ['b@example.com'] } };
const DIRECT = { critical: 'pipeline/direct-critical', warning: 'pipeline/direct-warning' } as const;

/** Whether the direct path of a severity would fire, given the alarms that fire. */
const createPath = (tools: number, deploymentName?: string) => {
  const listed = Array.from({ length: tools }, (_, at) => aTool({ name: `tool_with_a_rather_long_name_${at}` }));
  const { resources } = synthesize({ alerts, ...(deploymentName && { deploymentName }) }, listed);
  const alarms = alarmsOf(resources);
  const rules = new Map(
    alarms.flatMap(({ Properties }) =>
      typeof Properties.AlarmRule === 'string' ? [[Properties.AlarmName, Properties.AlarmRule] as const] : [],
    ),
  );
  const prefix = deploymentName ? `${deploymentName}/` : '';
  const fires = (name: string, firing: ReadonlySet<string>): boolean => {
    const rule = rules.get(name);
    if (rule === undefined) return firing.has(name);
    const stateOf = (alarm: string): AlarmState => (fires(alarm, firing) ? 'ALARM' : 'OK');
    return parseAlarmRule(rule).rule(stateOf);
  };
  return {
    rules,
    /** Those that people are notified of through the notifier. */
    watched: (severity: keyof typeof DIRECT): string[] =>
      alarms
        .filter(({ Properties }) => JSON.stringify(Properties.AlarmActions ?? []).includes('Notify'))
        .filter(({ Properties }) => !JSON.stringify(Properties.AlarmActions).includes('"Topics'))
        .filter(({ Properties }) =>
          Properties.Tags.some(({ Key, Value }: Record<string, string>) => Key === 'severity' && Value === severity),
        )
        .map(({ Properties }) => Properties.AlarmName),
    isOpen: (severity: keyof typeof DIRECT, ...firing: string[]) =>
      fires(`${prefix}${DIRECT[severity]}`, new Set(firing)),
    works: `${prefix}pipeline/notifier-works`,
  };
};

test.each([
  ['one tool', 1, undefined],
  ['a hundred tools under another name', 100, 'another-deployment'],
] as const)('with %s every alarm opens the direct path alone, and none while the notifier works', (_, tools, name) => {
  const { watched, isOpen, works, rules } = createPath(tools, name);
  for (const severity of ['critical', 'warning'] as const) {
    const alarms = watched(severity);
    expect(alarms.length).toBeGreaterThan(tools);
    expect(isOpen(severity)).toBe(false);
    expect(alarms.filter((alarm) => !isOpen(severity, alarm))).toEqual([]);
    expect(isOpen(severity, works, ...alarms)).toBe(false);
  }
  for (const rule of rules.values()) {
    expect(rule.length).toBeLessThanOrEqual(10_240);
    expect(parseAlarmRule(rule).alarms.length).toBeLessThanOrEqual(100);
  }
});

test('an alarm of one severity does not open the direct path of the other', () => {
  const { watched, isOpen } = createPath(1);
  const [critical = ''] = watched('critical');
  const [warning = ''] = watched('warning');
  expect([isOpen('critical', warning), isOpen('warning', critical)]).toEqual([false, false]);
});
