import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram } from './program.ts';

/** Undefined where it is not installed; then tests skip what needs it, unless `.ci/run` says that nothing is skipped. */
const findTool = (name: string): string | undefined => {
  const found = findProgram(name);
  if (found || process.env.CI_TOOLS !== 'required') return found;
  throw new Error(`No ${name} found. Install it: apt-get install prometheus.`);
};

/** Debian's package `prometheus` has both. */
export const PROMETHEUS = findTool('prometheus');
export const PROMTOOL = findTool('promtool');

interface Target {
  job: string;
  /** The address of the api, without a path. */
  url: string;
}

const configure = (targets: readonly Target[]): string => `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
${targets.map(({ job, url }) => `- { job_name: ${job}, static_configs: [{ targets: ['${new URL(url).host}'] }] }`).join('\n')}
`;

/** A Prometheus that scrapes these targets each second and evaluates these rules, a list as it stands in a group. */
export const startPrometheus = async (targets: readonly Target[], rules: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-prometheus-'));
  writeFileSync(join(folder, 'rules.yml'), `groups:\n- name: rules\n  rules:\n${rules.replace(/^(?=.)/gm, '  ')}`);
  writeFileSync(join(folder, 'prometheus.yml'), configure(targets));
  const child = spawn(
    PROMETHEUS ?? 'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      '--web.listen-address=127.0.0.1:0',
      '--enable-feature=exemplar-storage',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said: string[] = [];
  let url = '';
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const [, port] = /msg="Listening on" address=127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (port) url = `http://127.0.0.1:${port}`;
      if (line.includes('Server is ready to receive web requests')) resolve();
    });
    ended.then(() => reject(new Error(`Prometheus ended:\n${said.join('\n')}`)));
  });
  const get = async (path: string, query: Record<string, string> = {}) => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`);
    return response.ok ? (await response.json()).data : undefined;
  };
  return {
    get,
    /** The values of an expression now. */
    query: async (expression: string): Promise<number[]> => {
      const answer = await get('query', { query: expression });
      return (answer?.result ?? []).map(({ value }: { value: [number, string] }) => Number(value[1]));
    },
    /** The names of the alerts that fire. */
    firing: async (): Promise<string[]> => {
      const { alerts = [] } = (await get('alerts')) ?? {};
      const names = alerts.flatMap((alert: { state: string; labels: { alertname: string } }) =>
        alert.state === 'firing' ? [alert.labels.alertname] : [],
      );
      return [...new Set<string>(names)].sort();
    },
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
