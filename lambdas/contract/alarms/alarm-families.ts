/** What the names of a deployment's alarms begin with, by which they are known among those of others in the account. */
export const ALARM_FAMILIES = [
  'tool',
  'tools',
  'provider',
  'queue',
  'probe',
  'rules',
  'channel',
  'jobs',
  'hooks',
  'pipeline',
  'monitoring',
  'drill',
  'own',
] as const;

/** The name of an alarm, without what a deployment puts in front of it. */
export type AlarmName = `${(typeof ALARM_FAMILIES)[number]}/${string}`;
