import type { MonitoringFinding } from '../../contract/self-check.ts';
import type { DeployedAlarm } from '../alarms.ts';

/** Alarms whose actions somebody has switched off: they fire, and nobody is notified. */
export const actionFindings = (alarms: readonly DeployedAlarm[]): MonitoringFinding[] =>
  alarms
    .filter(({ hasActions, isEnabled }) => hasActions && !isEnabled)
    .map(({ name, fullName }) => ({
      id: `actions/${name}`,
      what: `The actions of the alarm ${name} are switched off: it notifies nobody.`,
      remedy:
        `aws cloudwatch enable-alarm-actions --alarm-names ${fullName}; ` +
        `to mute it for a while instead: npx toolwatch mute alarm ${name} --for 2h --reason "…"`,
    }));
