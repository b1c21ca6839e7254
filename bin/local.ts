import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findBreakage, listBreakages } from '../local/breakages.ts';
import { runDemo } from '../local/demo/demo.ts';
import { run } from '../local/run.ts';
import { editTemplate } from '../local/template-edits.ts';
import { deliveryLine, painter, refusalLine, transitionLine } from '../local/terminal.ts';
import { watch } from '../local/watch.ts';

const USAGE = `npm start [-- options]
Runs the template that would be deployed on this machine, with a real PostgreSQL.

  --port N            for people and programs; 3000 by default
  --postgres-port N   of the database; 54320 by default
  --data FOLDER       where data stays; .toolwatch by default
  --break ARROW       take something out of the template that the arrow needs: the start then ends by naming the arrow
  --break list        what ARROW may be, and what is taken out
  --watch             deploy again, over what runs, whenever code, SQL or settings change
  --demo              real clients at work while a tool breaks, somebody is paged, and it is mended
  --json              one line on stdout when ready: {"ready":true,"mcp":…,"page":…,"postgres":…}; all else on stderr
  --help              this`;

const root = join(import.meta.dirname, '..');
/** What a deployment is made from. */
const WATCHED = ['cdk.json', 'dashboard', 'lambdas', 'lib', 'sql'].map((name) => join(root, name));

const portFrom = (text: string, option: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--${option} wants a port, 0 to 65535, and got ${text}.`);
  return port;
};

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3000' },
      'postgres-port': { type: 'string', default: '54320' },
      data: { type: 'string', default: join(root, '.toolwatch') },
      break: { type: 'string' },
      watch: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    port: portFrom(values.port, 'port'),
    postgresPort: portFrom(values['postgres-port'], 'postgres-port'),
  };
};

const start = async (options: ReturnType<typeof readOptions>): Promise<void> => {
  const out = options.json ? process.stderr : process.stdout;
  const say = (line: string) => out.write(`${line}\n`);
  const paint = painter(out.isTTY);
  const began = performance.now();
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1).padStart(5)} s`;

  const fault = options.break === undefined ? undefined : findBreakage(options.break);
  if (fault) say(`Taken out: ${fault.takes}.`);

  const ending = new AbortController();
  const running = run({
    folder: resolve(options.data),
    settingsFile: join(root, 'cdk.json'),
    port: options.port,
    postgresPort: options.postgresPort,
    ...(fault && { change: (stacks) => editTemplate(stacks, fault.edit) }),
    progress: (step, ms) => say(paint('dim', `${seconds(ms)}  ${step}`)),
    onTransition: (transition) => {
      // Every alarm begins by finding out that all is well.
      const isFirst = transition.from === 'INSUFFICIENT_DATA' && transition.to === 'OK';
      if (!isFirst) say(transitionLine(paint, transition));
    },
    onDelivery: (delivery) => {
      const { OldStateValue, NewStateValue } = JSON.parse(delivery.message);
      if (OldStateValue !== 'INSUFFICIENT_DATA' || NewStateValue !== 'OK') say(deliveryLine(paint, delivery));
    },
    onRefusal: (refusal) => say(refusalLine(paint, refusal)),
    onLoss: (what) => say(`${paint('red', 'lost')}  ${what}`),
    onShift: (words) => say(`${paint('yellow', 'shift')}  ${words}`),
  });

  // A second Ctrl-C while things end would leave some of them running.
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ending.abort();
    stopping ??= running.then(({ stop: end }) => end());
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping) say('Stopping …');
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }

  const { mcp, page, postgres, shopControlUrl, connections: arrows, cloud, redeploy } = await running;
  say(`${seconds(performance.now() - began)}  ready. ${arrows}`);
  say(
    `\n  the page    ${page}\n  MCP         ${mcp}\n  PostgreSQL  ${postgres}\n  the AWS API ${cloud.endpoint} (AWS_ENDPOINT_URL; key and secret: operator)\n\nCtrl-C stops it all.\n`,
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ ready: true, mcp, page, postgres })}\n`);
  if (options.watch) {
    watch(WATCHED, () =>
      redeploy().catch((error: unknown) =>
        say(`${paint('red', 'not deployed')}  ${error instanceof Error ? error.message : error}`),
      ),
    );
  }
  if (!options.demo) return;
  await runDemo({
    mcpUrl: mcp,
    shopControlUrl,
    signal: ending.signal,
    print: say,
    alarmState: (name) => cloud.alarms.report().find((alarm) => alarm.name === name)?.state,
  });
};

const fail = (error: unknown): void => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
};

try {
  const options = readOptions();
  if (options.help) console.log(USAGE);
  else if (options.break === 'list') console.log(listBreakages());
  else start(options).catch(fail);
} catch (error) {
  fail(error);
}
