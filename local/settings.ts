import { speedUpRollout } from '../lib/settings/rollout-settings.ts';
import { readSettings, type Settings, settingsFrom } from '../lib/settings.ts';

interface Found {
  shopUrl: string;
  pagerUrl: string;
}

/** The certificate's region is where the stacks are deployed; here that is always the same. */
const hereCertified = (door: Settings['frontDoor']): Settings['frontDoor'] => {
  if (door.kind === 'function-url' || !door.domain) return door;
  const certificateArn = door.domain.certificateArn.replace(/:acm:[^:]+:/, ':acm:us-east-1:');
  return { ...door, domain: { ...door.domain, certificateArn } };
};

/** What is refreshed every minute never pauses. */
const awake = ({ minCapacity, ...more }: Settings['database']): Settings['database'] => ({
  ...more,
  minCapacity: minCapacity || 0.5,
});

/**
 * The settings of cdk.json as they are run here: somebody to tell who exists, a shop that exists, and short windows, so
 * that a person who watches sees in a minute what in production takes a quarter of an hour.
 */
export const localSettings = (file: string, { shopUrl, pagerUrl }: Found): Settings => {
  const deployed = readSettings(file);
  const windows = { periodSeconds: 60, badWindows: 1, windows: 1 } as const;
  return settingsFrom({
    ...deployed,
    environment: 'local',
    account: '000000000000',
    region: 'us-east-1',
    alerts: {
      critical: { emails: ['oncall@example.com'], https: [pagerUrl] },
      warning: { emails: ['tools@example.com'] },
    },
    toolSettings: { ...deployed.toolSettings, ...('SHOP_URL' in deployed.toolSettings && { SHOP_URL: shopUrl }) },
    alarms: { ...deployed.alarms, ...windows, warmUpMinutes: 0 },
    rollout: speedUpRollout(deployed.rollout, deployed.alarms, windows),
    frontDoor: hereCertified(deployed.frontDoor),
    refreshMinutes: 1,
    database: awake(deployed.database),
    // Here a line takes milliseconds, and whoever waits is a person.
    ...(deployed.smokeTest && { smokeTest: { ...deployed.smokeTest, patienceSeconds: 20 } }),
  });
};
