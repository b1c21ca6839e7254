import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { tools } from '../lambdas/tools/index.ts';
import { readSettings } from '../lib/settings.ts';
import { DEFAULT_FOLDER } from '../local/folder.ts';
import { OUTPUTS_FILE, PROMETHEUS_SECRET_FILE } from '../local/sign-in.ts';
import { type Addresses, buildMonitoringFiles, SECRET_FILE } from '../operate/monitoring-files/build-files.ts';
import { readOutputs } from '../operate/monitoring-files/read-outputs.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run monitoring-files -- FOLDER [options]
Writes files for Prometheus (what to scrape, alerting rules with the thresholds of the alarms) and for Grafana
(dashboards of all tools, of one, of the pipeline and of outside services, and their data source) into FOLDER.

  --outputs FILE     what cdk deploy --outputs-file wrote; by default .toolwatch/outputs.json, which npm start writes
  --api URL          the address of the api; by default the one in the outputs
  --secret-file FILE where Prometheus finds its secret; by default /etc/prometheus/toolwatch-secret, and for what npm
                     start serves the file that it wrote
  --prometheus URL   the address of Prometheus, as Grafana reaches it; by default http://localhost:9090
  --help             print this text

Exit code: 0 when the files were written, 2 when they were not.`;

const parseUrl = (text: string, option: string): URL => {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw new Error(`--${option} expects an address such as https://tools.example.com; got ${text}.`);
};

const LOCAL_OUTPUTS = join(DEFAULT_FOLDER, OUTPUTS_FILE);

interface Options {
  outputs: string;
  api?: string | undefined;
  'secret-file'?: string | undefined;
  prometheus: string;
}

/** The addresses that the outputs and the options name. */
const readAddresses = ({ outputs: file, api, prometheus, ...options }: Options): Addresses => {
  const isLocal = file === LOCAL_OUTPUTS;
  // Where everything is named by options, nothing needs to be deployed or running.
  const outputs = api !== undefined && isLocal && !existsSync(file) ? {} : readOutputs(file);
  const { PrometheusClientId: clientId, TokenUrl: tokenUrl } = outputs;
  const apiUrl = api ?? outputs.ApiUrl;
  if (apiUrl === undefined) throw new Error(`${file} has no output ApiUrl; write --api.`);
  const ownSecretFile = isLocal ? resolve(DEFAULT_FOLDER, PROMETHEUS_SECRET_FILE) : SECRET_FILE;
  return {
    api: parseUrl(apiUrl, 'api'),
    prometheus: parseUrl(prometheus, 'prometheus'),
    machine:
      clientId && tokenUrl ? { clientId, tokenUrl, secretFile: options['secret-file'] ?? ownSecretFile } : undefined,
  };
};

runProgram(() => {
  const { values, positionals } = parseArgs({
    options: {
      outputs: { type: 'string', default: LOCAL_OUTPUTS },
      api: { type: 'string' },
      'secret-file': { type: 'string' },
      prometheus: { type: 'string', default: 'http://localhost:9090' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new Error('Write one folder for the files; --help says more.');
  const settings = readSettings(join(import.meta.dirname, '../cdk.json'));
  const addresses = readAddresses(values);
  const files = buildMonitoringFiles(
    tools.map(({ facts }) => facts),
    settings,
    addresses,
  );
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(resolve(folder, path)), { recursive: true });
    writeFileSync(resolve(folder, path), text);
    console.log(`wrote ${join(folder, path)}`);
  }
  return EXIT.ok;
});
