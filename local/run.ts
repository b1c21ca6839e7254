import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../emulator/certificate.ts';
import { createRealClock } from '../emulator/clock.ts';
import { type Cloud, type CloudOptions, type Listener, startCloud } from '../emulator/cloud.ts';
import type { Assembly, Stack } from '../emulator/cloudformation/template.ts';
import { createHttpsGet, createHttpsPost } from '../emulator/https.ts';
import type { Place } from '../emulator/place.ts';
import { createRequestCheck, type RequestCheck } from '../emulator/request-check.ts';
import type { Serve } from '../emulator/serve.ts';
import type { Settings } from '../lib/settings.ts';
import { readBoundary } from './boundary.ts';
import { type LocalChannels, type ShownChannel, startChannels } from './channels.ts';
import { Cleanup } from './cleanup.ts';
import { checkConnections, explainStartFailure } from './connection-check.ts';
import { DATABASE, noteLocalAws, postgresFolderOf } from './folder.ts';
import { lockFolder } from './folder-lock.ts';
import { startHttpServer } from './http-server.ts';
import { fingerprintSources, noteSynthesis, readLastSynthesis } from './last-synthesis.ts';
import { makeDatabase, startPostgres } from './postgres.ts';
import { createPager } from './receivers/pager.ts';
import { serveReceiver } from './receivers/serve-receiver.ts';
import { describeMissingSecrets, provideSecrets } from './secret-values.ts';
import { describeLeftOut, readLocalSettings } from './settings.ts';
import { startShop } from './shop/shop.ts';
import { addLocalPeople, SIGN_IN_PATH, tokenForScripts, writeOutputs } from './sign-in.ts';
import { createState } from './state.ts';
import { folderOfSynthesis, removeUnusedSyntheses } from './syntheses.ts';
import { synthesizeInChild } from './synthesize-in-child.ts';

export interface RunOptions extends Listener {
  /** Where data stays between runs. */
  folder: string;
  /** The settings file, of the shape of cdk.json. */
  settingsFile: string;
  /** The file with the values of tools' secrets; it need not exist. */
  secretsFile?: string;
  /** 0 takes any free port. */
  port: number;
  postgresPort: number;
  /**
   * Where browsers reach this machine, without a slash at its end; by default `http://localhost` with the port. Issuers
   * name it, so it is one address for everybody.
   */
  url?: string | undefined;
  /** Names, beside the local ones, under which people reach this machine. */
  allowedHosts?: readonly string[];
  /** Changes the template before it runs, to show what then breaks. */
  change?: (stacks: Stack[]) => void;
  /** Adds a channel of each kind, with a stand-in for its vendor here, in the place of those of the settings. */
  showsChannels?: boolean;
  /** Starts without checking every connection; `Running.connections` then says so. */
  skipConnectionCheck?: boolean;
  /** Called after each step of a start, with the time it took. */
  progress: (step: string, ms: number) => void;
  /** Gives up a start that is under way: then `run` rejects, with nothing left running. */
  signal?: AbortSignal;
  /** Receives a sentence about what will fail, and what to do. */
  warn?: (sentence: string) => void;
}

export interface Running {
  mcpUrl: string;
  dashboardUrl: string;
  /** A token for a script, as `/local/token` answers it; undefined where the stack makes no issuer. */
  token(): Promise<string | undefined>;
  /** The superuser's, with its password. */
  postgresUrl: string;
  shopControlUrl: string;
  /** Whether all connections work, in a sentence. */
  connections: string;
  cloud: Cloud;
  /** What each channel shows; nothing without `showsChannels`. */
  channels(): ShownChannel[];
  /**
   * Deploys the present code, tools and settings over what runs. Rejects with one sentence when that is impossible,
   * and with `RolledBack` when it failed and everything is as before.
   */
  redeploy(): Promise<void>;
  stop(): Promise<void>;
}

const PLACE: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const NOT_CHECKED = 'The connections were not checked, because the smoke test is switched off.';

/** What each step of a start needs beside its own input. */
interface StartContext {
  options: RunOptions;
  /** Aborts when the start is given up, or has failed, or what runs is stopped. */
  signal: AbortSignal;
  checkRequest: RequestCheck;
  cleanup: Cleanup;
}

const reportTime = async <T>(
  { options, signal }: StartContext,
  step: string,
  work: () => T | Promise<T>,
): Promise<T> => {
  signal.throwIfAborted();
  const startedAt = performance.now();
  const result = await work();
  options.progress(step, performance.now() - startedAt);
  return result;
};

/** Starts PostgreSQL in the background. */
const startDatabase = (context: StartContext) => {
  const { options, cleanup } = context;
  const folder = postgresFolderOf(options.folder);
  const step = existsSync(folder) ? 'PostgreSQL started' : 'PostgreSQL created and started';
  const server = reportTime(context, `${step} (in the background)`, async () => {
    const started = await startPostgres({ folder, port: options.postgresPort });
    cleanup.add(started.stop);
    await makeDatabase(started, DATABASE);
    return started;
  });
  // A start that fails elsewhere must not leave a server behind that is still starting.
  const ended = server.then(
    () => {},
    () => {},
  );
  cleanup.add(() => ended);
  return server;
};

/** Starts what tools and alarms reach outside AWS: the shop and the pager. */
const startOutsideServices = async ({ options, cleanup, checkRequest }: StartContext, url: string) => {
  const certificate = await makeCertificate();
  const pager = await serveReceiver(createPager(), certificate, join(options.folder, 'pager-port'));
  cleanup.add(pager.stop);
  const shop = await startShop({ checkRequest, portFile: join(options.folder, 'shop-port') });
  cleanup.add(shop.close);
  const channels = options.showsChannels ? await startChannels(certificate, options.folder) : undefined;
  if (channels) cleanup.add(channels.stop);
  const urls = { shopUrl: shop.url, pagerUrl: pager.url, url, channels: channels?.settings };
  return { certificate, pager, shop, channels, readSettings: () => readLocalSettings(options.settingsFile, urls) };
};
type OutsideServices = Awaited<ReturnType<typeof startOutsideServices>>;

/** The assembly of the last start, if nothing has changed since. */
const readUnchanged = (context: StartContext, settings: Settings, folder: string) =>
  reportTime(context, 'code, SQL and settings compared with those of the last start', () => {
    const fingerprint = fingerprintSources(settings);
    return { fingerprint, assembly: readLastSynthesis(folder, fingerprint) };
  });

const synthesizeStacks = async (context: StartContext, settings: Settings): Promise<Assembly> => {
  const folder = join(context.options.folder, 'cdk.out');
  const { fingerprint, assembly: unchanged } = await readUnchanged(context, settings, folder);
  if (unchanged) return unchanged;
  const assembly = await reportTime(context, 'functions bundled, stacks synthesized', () =>
    synthesizeInChild(settings, folder, context.signal),
  );
  noteSynthesis(folder, fingerprint);
  return assembly;
};

const startLocalCloud = async (
  context: StartContext,
  listener: Listener,
  { certificate }: OutsideServices,
  assembly: Assembly,
  account: Pick<CloudOptions, 'serverUrl' | 'accountPolicies' | 'signInUrl'>,
): Promise<Cloud> => {
  const cloud = await reportTime(context, 'template deployed, schema migrated', () =>
    startCloud({
      place: PLACE,
      clock: createRealClock(),
      assembly,
      folder: context.options.folder,
      certificate,
      ...account,
      checkRequest: context.checkRequest,
      post: createHttpsPost(certificate.cert),
      get: createHttpsGet(certificate.cert),
      ...listener,
    }),
  );
  context.cleanup.add(cloud.stop);
  return cloud;
};

const provideSecretsTo = (
  cloud: Cloud,
  assembly: Assembly,
  { secretsFile, warn = () => {} }: RunOptions,
  channels: LocalChannels | undefined,
): void => {
  const missing = secretsFile === undefined ? [] : provideSecrets(cloud, assembly, secretsFile, channels?.secrets);
  if (missing.length > 0) warn(describeMissingSecrets(missing));
};

/** Deploys what has changed since; each call synthesizes into a folder of its own. */
const createRedeploy = (context: StartContext, cloud: Cloud, { readSettings, channels }: OutsideServices) => {
  const { options } = context;
  let count = 0;
  return async (): Promise<void> => {
    count += 1;
    const folder = folderOfSynthesis(join(options.folder, 'cdk.out'), count);
    const assembly = await reportTime(context, 'synthesized again', () =>
      synthesizeInChild(readSettings(), folder, context.signal),
    );
    options.change?.(assembly.stacks);
    await reportTime(context, 'deployed again', () => cloud.redeploy(assembly));
    provideSecretsTo(cloud, assembly, options, channels);
    removeUnusedSyntheses(join(options.folder, 'cdk.out'), cloud, folder);
  };
};

const findEndpoint = ({ outputs, serve }: Cloud, output: string): Serve => {
  const endpoint = serve(outputs[output] ?? '');
  if (!endpoint) throw new Error(`Nothing answers at the template's output ${output}`);
  return endpoint;
};

const start = async (context: StartContext): Promise<Running> => {
  const { options, cleanup, checkRequest } = context;
  const http = await startHttpServer(options.port, checkRequest);
  cleanup.add(http.stop);
  cleanup.add(lockFolder(options.folder));
  const database = startDatabase(context);
  const url = options.url ?? http.url;
  const outside = await startOutsideServices(context, url);
  const settings = outside.readSettings();
  for (const sentence of describeLeftOut(options.settingsFile)) options.warn?.(sentence);
  const [assembly, server] = await Promise.all([synthesizeStacks(context, settings), database]);
  options.change?.(assembly.stacks);

  const channels = () => outside.channels?.shown() ?? [];
  const state = createState(options);
  const cloud = await startLocalCloud(context, state.listener, outside, assembly, {
    serverUrl: server.socketUrl,
    accountPolicies: readBoundary(settings, PLACE),
    signInUrl: `${url}${SIGN_IN_PATH}`,
  });
  addLocalPeople(cloud, settings);
  writeOutputs(options.folder, cloud, url);
  provideSecretsTo(cloud, assembly, options, outside.channels);
  const isChecked = settings.smokeTest !== false && !options.skipConnectionCheck;
  const connections = isChecked
    ? await reportTime(context, 'connections checked', () => checkConnections(cloud, PLACE))
    : NOT_CHECKED;
  cloud.start();
  cleanup.add(noteLocalAws(options.folder, cloud.endpoint));
  http.setRoutes({
    mcp: findEndpoint(cloud, 'McpUrl'),
    api: findEndpoint(cloud, 'ApiUrl'),
    operate: findEndpoint(cloud, cloud.outputs.OperateUrl === undefined ? 'ApiUrl' : 'OperateUrl'),
    local: state.answer(cloud, { pages: () => outside.pager.receiver.pages(), channels }),
    signIn: cloud.cognito.serve,
  });
  return {
    mcpUrl: `${url}/mcp`,
    dashboardUrl: url,
    token: () => tokenForScripts(cloud),
    postgresUrl: new URL(`/${DATABASE}`, server.url).href,
    shopControlUrl: outside.shop.controlUrl,
    connections,
    cloud,
    channels,
    redeploy: createRedeploy(context, cloud, outside),
    stop: () => cleanup.run(),
  };
};

/** A step that is under way when the start is given up has this long to end. */
const GRACE_MS = 2_000;

/** Rejects some time after the start is given up; does not resolve. */
const rejectWhenGivenUp = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => setTimeout(reject, GRACE_MS, signal.reason), { once: true });
  });

/**
 * Runs the whole flow on this machine. Rejects with one sentence when it cannot start; then nothing is left running.
 */
export const run = async (options: RunOptions): Promise<Running> => {
  const cleanup = new Cleanup();
  const stopping = new AbortController();
  cleanup.add(() => stopping.abort());
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  const { url, allowedHosts: named = [] } = options;
  const allowedHosts = url === undefined ? named : [...named, new URL(url).host];
  const checkRequest = createRequestCheck({ allowedHosts, howToAllow: 'start with npm start -- --allow-host NAME' });
  try {
    return await Promise.race([start({ options, signal, cleanup, checkRequest }), rejectWhenGivenUp(options.signal)]);
  } catch (error) {
    await cleanup.run();
    throw explainStartFailure(error);
  }
};
