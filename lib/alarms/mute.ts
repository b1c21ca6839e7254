import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { matchesPattern } from '../../lambdas/contract/alarm-pattern.ts';
import { ruleOfSettings } from '../../lambdas/contract/mutes.ts';
import { deploymentNameOf, type NamingSettings } from '../deployment-name.ts';
import { InvalidSettings, type Settings } from '../settings.ts';
import { alarmName } from './alarm.ts';
import { listAlarmNames } from './alarm-names.ts';

/** CloudWatch's limit for the alarms in one rule. */
const ALARMS_PER_RULE = 100;

export type Mute = Settings['mutes'][number];

const findMuted = (settings: NamingSettings, { alarms }: Mute, names: readonly string[]): string[] =>
  names.filter((alarm) => alarms.some((pattern) => matchesPattern(alarmName(settings, pattern), alarm)));

/** The mutes that match no alarm's name, in sentences that say what to write. */
export const findUnusedMutes = (
  settings: NamingSettings & Pick<Settings, 'mutes'>,
  names: readonly string[],
): string[] =>
  settings.mutes
    .filter((mute) => findMuted(settings, mute, names).length === 0)
    .map(({ alarms }) => `Setting mutes: no alarm is called ${alarms.join(' or ')}; write names such as tool/*/slow.`);

/** Adds every mute of the settings. Throws `InvalidSettings` when one of them matches no alarm. */
export function addMutes(scope: Construct, settings: NamingSettings & Pick<Settings, 'mutes'>): void {
  const names = listAlarmNames(scope);
  const unused = findUnusedMutes(settings, names);
  if (unused.length > 0) throw new InvalidSettings(unused.join('\n'));
  for (const mute of settings.mutes) addMute(scope, settings, mute, names);
}

/**
 * Adds the times at which those of some alarms that a mute matches do not notify. They are evaluated as always, and one
 * that still fires when the mute ends notifies then.
 */
export function addMute(scope: Construct, settings: NamingSettings, mute: Mute, names: readonly string[]): void {
  const { name, reason, at, minutes } = mute;
  const rules: typeof cloudwatch.CfnAlarmMuteRule | undefined = cloudwatch.CfnAlarmMuteRule;
  if (!rules) {
    throw new InvalidSettings('Setting mutes: aws-cdk-lib 2.257.0 is the first that can; write a newer one, or none.');
  }
  const muted = findMuted(settings, mute, names);
  for (let first = 0; first < muted.length; first += ALARMS_PER_RULE) {
    new rules(scope, `Mute-${name}-${first / ALARMS_PER_RULE}`, {
      name: ruleOfSettings(deploymentNameOf(settings), `${name}-${first / ALARMS_PER_RULE}`),
      description: reason,
      rule: { schedule: { expression: at, duration: Duration.minutes(minutes).toIsoString() } },
      muteTargets: { alarmNames: muted.slice(first, first + ALARMS_PER_RULE) },
    });
  }
}
