import type { Alarm, CompositeAlarm, MetricAlarm } from './alarm.ts';

/** The alarms of a template, by name. */
export const createAlarmRegistry = () => {
  const metricAlarms = new Map<string, MetricAlarm>();
  const compositeAlarms = new Map<string, CompositeAlarm>();
  const get = (name: string): Alarm | undefined => metricAlarms.get(name) ?? compositeAlarms.get(name);
  return {
    metricAlarms,
    compositeAlarms,
    get,
    all: (): Alarm[] => [...metricAlarms.values(), ...compositeAlarms.values()],
    /** Throws when there is no such alarm. */
    find: (nameOrArn: string): Alarm => {
      const alarm = get(nameOrArn.startsWith('arn:') ? (nameOrArn.split(':alarm:')[1] ?? '') : nameOrArn);
      if (!alarm) throw new Error(`There is no alarm ${nameOrArn}`);
      return alarm;
    },
  };
};

export type AlarmRegistry = ReturnType<typeof createAlarmRegistry>;
