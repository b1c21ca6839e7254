/** Where each kind of channel is, and where some have been. */

interface HostRule {
  /** Names of hosts; one that begins with a full stop stands for everything below it. */
  readonly hosts: readonly string[];
  /** What people know it as. */
  readonly vendor: string;
}

/** The hosts of a vendor, by the kind of channel. A webhook of one's own may be anywhere. */
const KNOWN = {
  'slack-webhook': { vendor: 'Slack', hosts: ['hooks.slack.com', 'hooks.slack-gov.com'] },
  'slack-bot': { vendor: 'Slack', hosts: ['slack.com', 'slack-gov.com'] },
  pagerduty: { vendor: 'PagerDuty', hosts: ['events.pagerduty.com', 'events.eu.pagerduty.com'] },
  teams: {
    vendor: 'Microsoft Teams',
    hosts: ['.logic.azure.com', '.logic.azure.us', '.environment.api.powerplatform.com', 'api.powerautomate.com'],
  },
  jsm: { vendor: 'Jira Service Management', hosts: ['api.atlassian.com'] },
  discord: { vendor: 'Discord', hosts: ['discord.com', '.discord.com', 'discordapp.com'] },
  'google-chat': { vendor: 'Google Chat', hosts: ['chat.googleapis.com'] },
} as const satisfies Record<string, HostRule>;

/** Endpoints that have ended or will, each with what takes its place. */
const RETIRED: readonly { readonly hosts: readonly string[]; readonly instead: string }[] = [
  {
    hosts: ['.webhook.office.com', 'outlook.office.com', 'outlook.office365.com'],
    instead:
      'Microsoft has switched off connectors. In Teams, open the channel’s Workflows, choose "Send webhook alerts to a ' +
      'channel", and store the address of that workflow for a channel of type teams',
  },
  {
    hosts: ['api.opsgenie.com', 'api.eu.opsgenie.com'],
    instead:
      'Atlassian ends Opsgenie on 2027-04-05. Move the team to Jira Service Management, add an API integration there, and ' +
      'store its key for a channel of type jsm',
  },
];

const isAmong = (host: string, names: readonly string[]): boolean =>
  names.some((name) => (name.startsWith('.') ? host.endsWith(name) : host === name));

/** The name of a host without its port, as a URL has it. */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');

/** That an endpoint has ended, and what takes its place, without a full stop at the end; undefined for any other. */
export const findRetiredEndpoint = (host: string): string | undefined => {
  const name = nameOf(host);
  const retired = RETIRED.find(({ hosts }) => isAmong(name, hosts));
  return retired && `${name} must not be used any more. ${retired.instead}`;
};

const listHosts = (hosts: readonly string[]): string =>
  hosts.map((name) => (name.startsWith('.') ? `*${name}` : name)).join(', ');

/**
 * Why a channel of a kind cannot be at a host, without a full stop at the end; undefined when it can. Where private
 * addresses are allowed, so is any host that is not retired: of a proxy, or of a test.
 */
export const findHostProblem = (
  type: string,
  host: string,
  { allowPrivateAddresses = false }: { allowPrivateAddresses?: boolean | undefined } = {},
): string | undefined => {
  const retired = findRetiredEndpoint(host);
  if (retired !== undefined) return retired;
  const known: HostRule | undefined = KNOWN[type as keyof typeof KNOWN];
  if (!known || allowPrivateAddresses || isAmong(nameOf(host), known.hosts)) return undefined;
  return `${nameOf(host)} is no host of ${known.vendor}, whose hosts are ${listHosts(known.hosts)}`;
};
