import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { tools } from '../lambdas/tools/index.ts';
import { readSettings } from '../lib/settings.ts';
import { buildMonitoringFiles } from '../operate/monitoring-files/build-files.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run monitoring-files -- FOLDER [options]
Writes files for Prometheus (what to scrape, alerting rules with the thresholds of the alarms) and for Grafana
(dashboards of all tools, of one, of the pipeline and of outside services, and their data source) into FOLDER.

  --api URL          the address of the api; by default http://localhost:3000, as npm start serves it
  --prometheus URL   the address of Prometheus, as Grafana reaches it; by default http://localhost:9090
  --help             print this text

Exit code: 0 when the files were written, 2 when they were not.`;

const parseUrl = (text: string, option: string): URL => {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw new Error(`--${option} expects an address such as https://tools.example.com; got ${text}.`);
};

runProgram(() => {
  const { values, positionals } = parseArgs({
    options: {
      api: { type: 'string', default: 'http://localhost:3000' },
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
  const addresses = { api: parseUrl(values.api, 'api'), prometheus: parseUrl(values.prometheus, 'prometheus') };
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
