import { callLogName } from '../lib/call-log-name.ts';
import { deploymentNameOf } from '../lib/deployment-name.ts';
import type { HttpApiSettings } from '../lib/settings/front-door-settings.ts';
import { speedUpRollout } from '../lib/settings/rollout-settings.ts';
import { readSettings, type Settings, settingsFrom } from '../lib/settings.ts';
import type { LocalChannels } from './channels.ts';
import { withLocalSignIn } from './sign-in.ts';

/** Addresses of what exists only on this machine. */
interface LocalUrls {
  shopUrl: string;
  pagerUrl: string;
  /** Where the page, MCP and the API answer, without a slash at its end. */
  url: string;
  /** Channels instead of those of the settings. */
  channels?: LocalChannels['settings'] | undefined;
}

/** The certificate of a custom domain must be in the stacks' region, which is always us-east-1 here. */
const moveCertificateToLocalRegion = (frontDoor: HttpApiSettings): HttpApiSettings => {
  if (!frontDoor.domain) return frontDoor;
  const certificateArn = frontDoor.domain.certificateArn.replace(/:acm:[^:]+:/, ':acm:us-east-1:');
  return { ...frontDoor, domain: { ...frontDoor.domain, certificateArn } };
};

const openFrontDoorHere = (frontDoor: Settings['frontDoor'], url: string): Settings['frontDoor'] =>
  frontDoor.kind === 'function-url' ? frontDoor : withLocalSignIn(moveCertificateToLocalRegion(frontDoor), url);

/** A database that is refreshed every minute never pauses, so a minimum capacity of 0 would be rejected. */
const disablePausing = ({ minCapacity, ...rest }: Settings['database']): Settings['database'] => ({
  ...rest,
  minCapacity: minCapacity || 0.5,
});

/** A boundary is a policy of the account; here it is only known by its file. */
const withoutUnknownBoundary = ({ permissionsBoundary, ...rest }: Settings['roles']): Settings['roles'] =>
  rest.boundaryFile === undefined ? rest : { ...rest, permissionsBoundary };

/**
 * The settings of cdk.json, changed for a local run: recipients and a shop that exist here, DEBUG in the logs, and short
 * time windows, so that someone who watches sees within a minute what takes a quarter of an hour in production.
 */
export const readLocalSettings = (file: string, { shopUrl, pagerUrl, url, channels }: LocalUrls): Settings => {
  const deployed = readSettings(file);
  const windows = { periodSeconds: 60, badWindows: 1, windows: 1 } as const;
  return settingsFrom({
    ...deployed,
    environment: 'local',
    // Named as it is deployed, so that what is found here is called the same there.
    deploymentName: deploymentNameOf(deployed),
    roles: withoutUnknownBoundary(deployed.roles),
    // Tags have no effect here; for the rest there is a sentence in `describeLeftOut`.
    tags: {},
    keys: {},
    topics: {},
    callLogName: undefined,
    topicEncryption: deployed.topicEncryption === 'none' ? 'none' : 'key',
    logLevel: deployed.logLevel === 'INFO' ? 'DEBUG' : deployed.logLevel,
    account: '000000000000',
    region: 'us-east-1',
    alerts: {
      critical: { emails: ['oncall@example.com'], https: [pagerUrl] },
      warning: { emails: ['tools@example.com'] },
      channels: channels ?? deployed.alerts.channels,
    },
    toolSettings: { ...deployed.toolSettings, ...('SHOP_URL' in deployed.toolSettings && { SHOP_URL: shopUrl }) },
    alarms: { ...deployed.alarms, ...windows, warmUpMinutes: 0 },
    rollout: speedUpRollout(deployed.rollout, deployed.alarms, windows),
    frontDoor: openFrontDoorHere(deployed.frontDoor, url),
    refreshMinutes: 1,
    database: disablePausing(deployed.database),
    // A line takes milliseconds here, and a person is waiting for the start.
    ...(deployed.smokeTest && { smokeTest: { ...deployed.smokeTest, timeoutSeconds: 20 } }),
  });
};

/** One sentence for each setting that a local run leaves out, because it names what only the account has. */
export const describeLeftOut = (file: string): string[] => {
  const deployed = readSettings(file);
  const { topics, keys, topicEncryption, roles } = deployed;
  const topicNames = Object.entries(topics).flatMap(([severity, topic]) => (topic ? [`topics.${severity}`] : []));
  const keyNames = [
    ...Object.entries(keys).flatMap(([use, key]) => (key ? [`keys.${use}`] : [])),
    ...(topicEncryption.startsWith('arn:') ? ['topicEncryption'] : []),
  ];
  const ownLog = callLogName({ ...deployed, callLogName: undefined });
  return [
    ...topicNames.map((name) => `Setting ${name}: that topic is not here; alarms notify a topic of this run instead.`),
    ...(deployed.callLogName === undefined
      ? []
      : [`Setting callLogName: ${deployed.callLogName} is not here; lines of calls are in ${ownLog} instead.`]),
    ...keyNames.map((name) => `Setting ${name}: that key is not here, so whether its policy suffices is not tested.`),
    ...(roles.permissionsBoundary !== undefined && roles.boundaryFile === undefined
      ? ['Setting roles.permissionsBoundary: the policy is not here and bounds nothing; write roles.boundaryFile.']
      : []),
  ];
};
