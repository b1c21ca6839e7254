import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { NamingSettings } from '../deployment-name.ts';
import { InvalidSettings, type Settings } from '../settings.ts';
import { alarmName } from './alarm.ts';

/** CloudWatch's limit for the alarms in one rule. */
const ALARMS_PER_RULE = 100;

export type Mute = Settings['mutes'][number];

/**
 * Adds the times at which some alarms do not notify. They are evaluated as always, and one that still fires when the
 * mute ends notifies then. Throws `InvalidSettings` for a mute that matches no alarm's name.
 */
export function addMute(
  scope: Construct,
  settings: NamingSettings,
  { name, reason, at, minutes, alarms }: Mute,
  names: readonly string[],
): void {
  const muted = names.filter((alarm) => alarms.some((pattern) => matches(alarmName(settings, pattern), alarm)));
  if (muted.length === 0) {
    throw new InvalidSettings(
      `Setting mutes: no alarm is called ${alarms.join(' or ')}; write names such as tool/*/slow.`,
    );
  }
  for (let first = 0; first < muted.length; first += ALARMS_PER_RULE) {
    new cloudwatch.CfnAlarmMuteRule(scope, `Mute-${name}-${first / ALARMS_PER_RULE}`, {
      description: reason,
      rule: { schedule: { expression: at, duration: Duration.minutes(minutes).toIsoString() } },
      muteTargets: { alarmNames: muted.slice(first, first + ALARMS_PER_RULE) },
    });
  }
}

/** `*` matches anything but a slash. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split('*').map(escapeRegex).join('[^/]*')}$`).test(name);

const escapeRegex = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
