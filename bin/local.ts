import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Listener } from '../emulator/cloud.ts';
import { formatLogLine, isBug } from '../lambdas/contract/log-text.ts';
import { BREAKAGES, findBreakage } from '../local/breakages.ts';
import { DEFAULT_FOLDER } from '../local/folder.ts';
import { SOURCES } from '../local/last-synthesis.ts';
import { type Running, run } from '../local/run.ts';
import { SECRETS_FILE } from '../local/secret-values.ts';
import { editTemplate } from '../local/template-edits.ts';
import {
  createPainter,
  formatChannel,
  formatDelivery,
  formatRefusal,
  formatTransition,
  type Paint,
} from '../local/terminal.ts';
import { watch } from '../local/watch.ts';
import { EXIT, messageOf } from './run-program.ts';
import { formatTable } from './table.ts';

const USAGE = `npm start [-- options]
Runs the template that would be deployed on this machine, with an emulated AWS and a real PostgreSQL. When everything
has started, it checks that all connections between the parts work, and prints the addresses.

  --port N            the port of the dashboard, MCP and the API; 3000 by default
  --postgres-port N   the port of the database; 54320 by default
  --data FOLDER       where data stays between runs; .toolwatch by default
  --url URL           where browsers reach this machine, such as https://box-3000.example.com, if that is not
                      http://localhost and the port; people sign in there, and its name is allowed as well
  --allow-host NAME   answer requests to this name as well, such as that of a dev container's forwarded port; may be
                      repeated. Without it, only requests to localhost, 127.0.0.1 and [::1] are answered, so that no
                      web page can read what is here
  --break list        list the ways to break a connection
  --break NAME        break one of them: something is removed from the template, and the start fails with the
                      connection's name
  --watch             deploy again, over what runs, whenever code, packages, SQL, settings or secrets change
  --demo              let clients call the tools while one tool breaks, its alarm fires, people are notified in a channel
                      of each kind (with stand-ins for Slack, PagerDuty and the others), and it is repaired
  --logs              print all that the functions log; without it, calls that fail by a bug, with its file and line
  --json              print one line on stdout when ready: {"ready":true,"mcp":…,"page":…,"postgres":…}; the rest goes
                      to stderr
  --help              print this text

Ctrl-C stops everything. Exit code: 0 after Ctrl-C, 1 when it could not start, 2 when the arguments are wrong.`;

const root = join(import.meta.dirname, '..');
/** What a deployment is made from. */
const WATCHED = [...SOURCES, join(root, 'cdk.json'), join(root, SECRETS_FILE)];

const parsePort = (text: string, option: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--${option} expects a port, 0 to 65535; got ${text}.`);
  return port;
};

const parseHost = (text: string): string => {
  if (/^[a-z0-9_.-]+$/i.test(text)) return text;
  throw new Error(`--allow-host expects a name such as box.example.com, without a scheme or a port; got ${text}.`);
};

/** The issuer's pages are below it, and callbacks without TLS are for localhost only. */
const parseOrigin = (text: string): string => {
  if (/^(https:\/\/[^/?#\s]+|http:\/\/localhost(:\d+)?)\/?$/.test(text)) return text.replace(/\/$/, '');
  throw new Error(`--url expects an address such as https://box-3000.example.com; got ${text}.`);
};

const parseOptions = () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3000' },
      'postgres-port': { type: 'string', default: '54320' },
      data: { type: 'string', default: DEFAULT_FOLDER },
      url: { type: 'string' },
      'allow-host': { type: 'string', multiple: true, default: [] },
      break: { type: 'string' },
      watch: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: false },
      logs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const isBreakage = values.break !== undefined && values.break !== 'list';
  return {
    ...values,
    port: parsePort(values.port, 'port'),
    postgresPort: parsePort(values['postgres-port'], 'postgres-port'),
    url: values.url === undefined ? undefined : parseOrigin(values.url),
    allowedHosts: values['allow-host'].map(parseHost),
    breakage: isBreakage ? findBreakage(values.break ?? '') : undefined,
  };
};
type Options = ReturnType<typeof parseOptions>;

/** Where the program prints for a person. */
interface Output {
  print: (line: string) => void;
  paint: Paint;
  isColoured: boolean;
}

const formatSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(5)} s`;

/** Prints what functions log, or only calls that failed by a bug; nothing that is only there for programs. */
const createLogPrinter =
  ({ print, isColoured }: Output, printsAll: boolean) =>
  (line: string): void => {
    if (!printsAll && !isBug(line)) return;
    const text = formatLogLine(line, isColoured);
    if (text !== undefined) print(text);
  };

/** Prints what happens in the emulated AWS, but not that each alarm's first state is OK. */
const createListener = ({ print, paint }: Output): Omit<Listener, 'onLog'> => ({
  onTransition: (transition, actions) => {
    const isFirst = transition.from === 'INSUFFICIENT_DATA' && transition.to === 'OK';
    // Some alarms are only there for others, such as the one that fires as long as the notifier works.
    if (!isFirst && actions.length > 0) print(formatTransition(paint, transition));
  },
  onDelivery: (delivery) => {
    // What alarms publish to the notifier, people receive from the notifier.
    if (delivery.protocol !== 'sqs') print(formatDelivery(paint, delivery));
  },
  onRefusal: (refusal) => print(formatRefusal(paint, refusal)),
  onLoss: (what) => print(`${paint('red', 'lost')}  ${what}`),
  onShift: (words) => print(`${paint('yellow', 'rollout')}  ${words}`),
});

const startRun = (
  { data, port, postgresPort, url, allowedHosts, breakage, logs, demo }: Options,
  output: Output,
  signal: AbortSignal,
): Promise<Running> =>
  run({
    signal,
    folder: resolve(data),
    settingsFile: join(root, 'cdk.json'),
    secretsFile: join(root, SECRETS_FILE),
    showsChannels: demo,
    port,
    postgresPort,
    url,
    allowedHosts,
    ...(breakage && { change: (stacks) => editTemplate(stacks, breakage.edit) }),
    warn: (sentence) => output.print(output.paint('yellow', sentence)),
    progress: (step, ms) => output.print(output.paint('dim', `${formatSeconds(ms)}  ${step}`)),
    ...createListener(output),
    onLog: createLogPrinter(output, logs),
  });

/** Stops everything, also when it is only starting. */
const stop = (running: Promise<Running>): Promise<void> =>
  running.then(
    (started) => started.stop(),
    // What had started has been stopped already.
    () => {},
  );

/** Stops everything at the first signal; a second one while it stops would leave processes running, and is ignored. */
const stopOnSignal = (stopping: AbortController, running: Promise<Running>, { print }: Output): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      print('Stopping …');
      stop(running).then(
        () => process.exit(EXIT.ok),
        () => process.exit(EXIT.wrong),
      );
    });
  }
};

const formatSqlCommand = ({ data }: Options): string =>
  `npx toolwatch sql ${data === DEFAULT_FOLDER ? '--local' : `--data ${data}`} "select …"`;

const formatAddresses = (
  { dashboardUrl, mcpUrl, postgresUrl, cloud }: Running,
  options: Options,
  isSignInNeeded: boolean,
): string =>
  formatTable([
    ['  dashboard', `${dashboardUrl}${isSignInNeeded ? ' (sign in with one click, without a password)' : ''}`],
    ['  MCP', mcpUrl],
    ...(isSignInNeeded
      ? [['  scripts', `curl -H "authorization: Bearer $(curl -s ${dashboardUrl}/local/token)" …`]]
      : []),
    ['  PostgreSQL', postgresUrl],
    ...(cloud.lambda.functions().some(({ name }) => name.endsWith('-sql'))
      ? [['  SQL', formatSqlCommand(options)]]
      : []),
    ['  AWS API', `${cloud.endpoint} (set AWS_ENDPOINT_URL to it; access key and secret: operator)`],
  ]);

const start = async (options: Options): Promise<void> => {
  const out = options.json ? process.stderr : process.stdout;
  const print = (line: string) => out.write(`${line}\n`);
  const paint = createPainter(out.isTTY);
  const output = { print, paint, isColoured: out.isTTY };
  const startedAt = performance.now();
  if (options.breakage) print(`Removed from the template: ${options.breakage.removed}.`);

  const stopping = new AbortController();
  const { signal } = stopping;
  const starting = startRun(options, output, signal);
  stopOnSignal(stopping, starting, output);
  const running = await starting.catch((error: unknown) => {
    // The process ends when everything has been stopped.
    if (signal.aborted) return new Promise<never>(() => {});
    throw error;
  });
  const { mcpUrl, dashboardUrl, postgresUrl, shopControlUrl, connections, cloud, redeploy } = running;
  const token = await running.token();
  print(`${formatSeconds(performance.now() - startedAt)}  ready. ${connections}`);
  print(`\n${formatAddresses(running, options, token !== undefined)}\n\nCtrl-C stops everything.\n`);
  if (options.json) {
    const addresses = { ready: true, mcp: mcpUrl, page: dashboardUrl, postgres: postgresUrl };
    process.stdout.write(`${JSON.stringify(addresses)}\n`);
  }
  if (options.watch) {
    watch(WATCHED, () =>
      redeploy().catch((error: unknown) => print(`${paint('red', 'not deployed')}  ${messageOf(error)}`)),
    );
  }
  if (!options.demo) return;
  // Clients of MCP take a second to load.
  const { runDemo } = await import('../local/demo/demo.ts');
  await runDemo({
    mcpUrl,
    token,
    shopControlUrl,
    signal,
    print,
    alarmState: (name) => cloud.alarms.report().find((alarm) => alarm.name === name)?.state,
    channelCount: running.channels().length,
    messagesAbout: (causes) =>
      running
        .channels()
        .map(({ channel, messages }) => ({
          channel,
          messages: messages.filter(({ title }) => causes.some((cause) => title.includes(cause))),
        }))
        .map((shown) => formatChannel(paint, shown))
        .filter((lines) => lines.length > 0),
  });
};

/** Exits immediately: servers that still run would keep the process alive. */
const exitWith = (error: unknown, code: number): void => {
  console.error(messageOf(error));
  process.exit(code);
};

try {
  const options = parseOptions();
  if (options.help) console.log(USAGE);
  else if (options.break === 'list')
    console.log(formatTable(BREAKAGES.map(({ name, connection, removed }) => [name, connection, removed])));
  else start(options).catch((error: unknown) => exitWith(error, EXIT.wrong));
} catch (error) {
  exitWith(error, EXIT.usage);
}
