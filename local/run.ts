import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../emulator/certificate.ts';
import { createRealClock } from '../emulator/clock.ts';
import { type Cloud, type Listener, startCloud } from '../emulator/cloud.ts';
import type { Stack } from '../emulator/cloudformation/template.ts';
import { createHttpsGet, createHttpsPost } from '../emulator/https.ts';
import type { Place } from '../emulator/place.ts';
import type { Serve } from '../emulator/serve.ts';
import { checkConnections, explainStartFailure } from './connection-check.ts';
import { startFront } from './front.ts';
import { takeLock } from './lock.ts';
import { startPager } from './pager.ts';
import { makeDatabase, startPostgres } from './postgres.ts';
import { localSettings } from './settings.ts';
import { startShop } from './shop/shop.ts';
import { createState } from './state.ts';
import { synthesizeApart } from './synthesize-apart.ts';

export interface RunOptions extends Listener {
  /** Where data is kept between runs. */
  folder: string;
  /** The file whose settings are run. */
  settingsFile: string;
  /** 0 takes any that is free. */
  port: number;
  postgresPort: number;
  /** Changes the template before it is run, to see what then breaks. */
  change?: (stacks: Stack[]) => void;
  /** Without the look at every arrow before the clock starts; then `Running.arrows` says so. */
  skipConnectionCheck?: boolean;
  /** Hears what is being done, and how long it took. */
  progress: (step: string, ms: number) => void;
}

export interface Running {
  mcp: string;
  page: string;
  postgres: string;
  shopControlUrl: string;
  /** Whether all arrows carry, in a sentence. */
  connections: string;
  cloud: Cloud;
  /**
   * Deploys code, tools and settings as they are now over what runs. Rejects with one sentence when that cannot be done, and with
   * `RolledBack` when it failed and all is as before.
   */
  redeploy(): Promise<void>;
  stop(): Promise<void>;
}

const PLACE: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const DATABASE = 'toolwatch';
const UNPROVEN = 'Nobody has looked whether the arrows carry: the smoke test is switched off.';

/** Ends things in the reverse of the order in which they were begun. */
const stack = () => {
  const ends: (() => unknown)[] = [];
  return {
    push: (end: () => unknown) => ends.push(end),
    unwind: async () => {
      for (let end = ends.pop(); end; end = ends.pop()) await end();
    },
  };
};

const doorOf = ({ outputs, serve }: Cloud, name: string): Serve => {
  const door = serve(outputs[name] ?? '');
  if (!door) throw new Error(`The template has no front door in its output ${name}`);
  return door;
};

/** The whole flow on this machine, from synthesis to the first page. Rejects with one sentence when it cannot be had; then nothing is left running. */
export const run = async (options: RunOptions): Promise<Running> => {
  const { folder, settingsFile, progress } = options;
  const started = stack();
  const timed = async <T>(step: string, work: () => T | Promise<T>): Promise<T> => {
    const began = performance.now();
    const done = await work();
    progress(step, performance.now() - began);
    return done;
  };

  const begin = async (): Promise<Running> => {
    const front = await startFront(options.port);
    started.push(front.stop);
    started.push(takeLock(folder));
    const isNew = !existsSync(join(folder, 'postgres'));
    const starting = timed(`PostgreSQL ${isNew ? 'made and ' : ''}started, meanwhile`, async () => {
      const server = await startPostgres({ folder: join(folder, 'postgres'), port: options.postgresPort });
      started.push(server.stop);
      await makeDatabase(server, DATABASE);
      return server;
    });
    let startFailure: unknown;
    starting.catch((error: unknown) => {
      startFailure = error;
    });

    const certificate = await makeCertificate();
    const pager = await startPager(certificate);
    started.push(pager.stop);
    const shop = await startShop();
    started.push(shop.close);
    const readSettings = () => localSettings(settingsFile, { shopUrl: shop.url, pagerUrl: pager.url });
    const settings = readSettings();
    const { synthesize } = await timed('code of the stacks loaded', () => import('./synthesize.ts'));
    // Synthesis takes seconds in which nothing else is heard.
    if (startFailure) throw startFailure;
    const out = join(folder, 'cdk.out');
    const assembly = await timed('functions bundled, stacks synthesized', () => {
      return synthesize(settings, out);
    });
    options.change?.(assembly.stacks);
    const postgres = await starting;

    const state = createState(options);
    const cloud = await timed('template deployed, schema migrated', () =>
      startCloud({
        place: PLACE,
        clock: createRealClock(),
        assembly,
        folder,
        certificate,
        serverUrl: postgres.url,
        post: createHttpsPost(certificate.cert),
        get: createHttpsGet(certificate.cert),
        ...state.listener,
      }),
    );
    started.push(cloud.stop);
    const isProven = settings.smokeTest !== false && !options.skipConnectionCheck;
    const arrows = isProven ? await timed('arrows looked at', () => checkConnections(cloud, PLACE)) : UNPROVEN;
    cloud.start();

    let again = 0;
    const redeploy = async (): Promise<void> => {
      again += 1;
      const next = await timed('synthesized again', () => synthesizeApart(readSettings(), join(out, `again-${again}`)));
      options.change?.(next.stacks);
      await timed('deployed again', () => cloud.redeploy(next));
    };

    front.open({
      mcp: doorOf(cloud, 'McpUrl'),
      api: doorOf(cloud, 'ApiUrl'),
      local: state.pages(cloud, pager),
    });
    return {
      mcp: `${front.url}/mcp`,
      page: front.url,
      postgres: `postgres://postgres@127.0.0.1:${postgres.port}/${DATABASE}`,
      shopControlUrl: shop.controlUrl,
      connections: arrows,
      cloud,
      redeploy,
      stop: started.unwind,
    };
  };

  try {
    return await begin();
  } catch (error) {
    await started.unwind();
    throw explainStartFailure(error);
  }
};
