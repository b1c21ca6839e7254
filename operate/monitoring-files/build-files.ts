import { stringify } from 'yaml';
import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import type { Settings } from '../../lib/settings.ts';
import { buildDashboards } from './dashboards.ts';
import { buildRules, JOB } from './rules.ts';

/** Where the files say that something is. */
export interface Addresses {
  /** The api, such as `https://tools.example.com`. */
  api: URL;
  /** Prometheus, as Grafana reaches it. */
  prometheus: URL;
}

/** How Prometheus signs in where the front door verifies tokens; nothing where anybody may read. */
const authorization = ({ frontDoor }: Settings) =>
  frontDoor.kind === 'http-api'
    ? {
        oauth2: {
          client_id: 'prometheus',
          client_secret_file: '/etc/prometheus/toolwatch-secret',
          token_url: new URL('oauth2/token', frontDoor.jwt.issuer.replace(/\/?$/, '/')).href,
          // Only the operator may read /metrics; without tenants everybody who may call is the operator.
          scopes: frontDoor.jwt.operatorScope ? [frontDoor.jwt.operatorScope] : frontDoor.jwt.scopes,
        },
      }
    : {};

const buildScrapeConfiguration = (settings: Settings, { api }: Addresses) => ({
  rule_files: ['toolwatch-rules.yml'],
  scrape_configs: [
    {
      job_name: JOB,
      scheme: api.protocol.replace(':', ''),
      metrics_path: `${api.pathname.replace(/\/$/, '')}/metrics`,
      static_configs: [{ targets: [api.host] }],
      ...authorization(settings),
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
