import { DAY_MS } from '../../contract/durations.ts';
import { type Mute, ruleOfSettings } from '../../contract/mutes.ts';
import type { MonitoringFinding } from '../../contract/self-check.ts';

const MAX_AGE_MS = 7 * DAY_MS;

const describe = ({ kind, name, reason, actor, swallowed_total }: Mute): string => {
  const who = actor === null ? '' : ` by ${actor}`;
  return `${kind} ${name}${who} (${reason || 'without a reason'}); ${swallowed_total} notifications were not sent`;
};

/**
 * Mutes that people may have forgotten: without an end, or longer than a week. Those that recur by the settings are meant
 * so, and have been reviewed.
 */
export const muteFindings = (mutes: readonly Mute[], deployment: string, now: number): MonitoringFinding[] =>
  mutes.flatMap((mute) => {
    if (mute.status === 'ended' || mute.id.startsWith(ruleOfSettings(deployment, ''))) return [];
    const remedy =
      mute.kind === 'rule'
        ? `Remove it if it is forgotten: aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name ${mute.id}`
        : `End it if it is forgotten: npx toolwatch mute end ${mute.id}`;
    const find = (what: string) => [{ id: `mute/${mute.id}`, what: `${what}: ${describe(mute)}.`, remedy }];
    if (mute.ends_at === null) return find('A mute has no end');
    const isOld = mute.starts_at !== null && now - Date.parse(mute.starts_at) > MAX_AGE_MS;
    return isOld ? find('A mute is older than a week') : [];
  });
