import { stringify } from 'yaml';
import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { deploymentNameOf } from '../../lib/deployment-name.ts';
import type { HttpApiSettings } from '../../lib/settings/front-door-settings.ts';
import type { Settings } from '../../lib/settings.ts';
import { buildDashboards } from './dashboards.ts';
import { buildRules, JOB } from './rules.ts';

/** How Prometheus gets its tokens. */
interface Machine {
  clientId: string;
  tokenUrl: string;
  secretFile: string;
}

/** Where the secret of Prometheus is, if nothing else is said. */
export const SECRET_FILE = '/etc/prometheus/toolwatch-secret';

/** Where the files say that something is. */
export interface Addresses {
  /** The api, such as `https://tools.example.com`. */
  api: URL;
  /** The token endpoint of the issuer that the stack makes, the id of Prometheus there, and the file with its secret. */
  machine?: Machine | undefined;
  /** Prometheus, as Grafana reaches it. */
  prometheus: URL;
}

type Jwt = NonNullable<HttpApiSettings['jwt']>;

/** At an issuer of somebody else's. Its client and its token endpoint are what most have; the documents say so. */
const machineAt = ({ issuer }: Jwt): Machine => ({
  clientId: 'prometheus',
  tokenUrl: new URL('oauth2/token', issuer.replace(/\/?$/, '/')).href,
  secretFile: SECRET_FILE,
});

/** The scope with which the metrics may be read. Without tenants everybody who may call is the operator. */
const scopesAt = ({ metricsScope, operatorScope, scopes }: Jwt): string[] => {
  const own = metricsScope ?? operatorScope;
  return own === undefined ? scopes : [own];
};

const toOauth2 = ({ clientId, tokenUrl, secretFile }: Machine, scopes: string[]) => ({
  oauth2: { client_id: clientId, client_secret_file: secretFile, token_url: tokenUrl, scopes },
});

/** How Prometheus signs in where the front door verifies tokens; nothing where anybody may read. */
const authorization = (settings: Settings, { machine }: Addresses) => {
  const { frontDoor } = settings;
  if (frontDoor.kind === 'function-url') return {};
  if (frontDoor.jwt) return toOauth2(machineAt(frontDoor.jwt), scopesAt(frontDoor.jwt));
  if (!machine) {
    throw new Error(
      "Prometheus needs a token, and there is no machine for it. Add { name: 'prometheus', may: ['metrics'] } to the " +
        'setting frontDoor.signIn.machines, deploy with --outputs-file cdk-outputs.json, and name that file by --outputs.',
    );
  }
  return toOauth2(machine, [`${deploymentNameOf(settings)}/metrics`]);
};

const buildScrapeConfiguration = (settings: Settings, addresses: Addresses) => ({
  rule_files: ['toolwatch-rules.yml'],
  scrape_configs: [
    {
      job_name: JOB,
      scheme: addresses.api.protocol.replace(':', ''),
      metrics_path: `${addresses.api.pathname.replace(/\/$/, '')}/metrics`,
      static_configs: [{ targets: [addresses.api.host] }],
      ...authorization(settings, addresses),
    },
  ],
});

const PROVISIONING = {
  apiVersion: 1,
  providers: [
    { name: 'toolwatch', folder: 'Toolwatch', type: 'file', options: { path: '/var/lib/grafana/dashboards' } },
  ],
};

const dataSources = ({ prometheus }: Addresses) => ({
  apiVersion: 1,
  datasources: [
    {
      name: 'Toolwatch',
      uid: 'toolwatch',
      type: 'prometheus',
      access: 'proxy',
      url: prometheus.href.replace(/\/$/, ''),
    },
  ],
});

/** The text of each file for Prometheus and Grafana, by its path. They load without edits. */
export const buildMonitoringFiles = (
  tools: readonly ToolFacts[],
  settings: Settings,
  addresses: Addresses,
): Record<string, string> => ({
  'prometheus/toolwatch-rules.yml': stringify(buildRules(tools, settings), { lineWidth: 0 }),
  'prometheus/prometheus.yml': stringify(buildScrapeConfiguration(settings, addresses)),
  'grafana/provisioning/datasources/toolwatch.yml': stringify(dataSources(addresses)),
  'grafana/provisioning/dashboards/toolwatch.yml': stringify(PROVISIONING),
  ...Object.fromEntries(
    Object.entries(buildDashboards()).map(([name, dashboard]) => [
      `grafana/dashboards/toolwatch-${name}.json`,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  ),
});
