import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { makeCertificate } from '../../emulator/certificate.ts';
import { createRealClock } from '../../emulator/clock.ts';
import { type Cloud, startCloud } from '../../emulator/cloud.ts';
import type { Assembly } from '../../emulator/cloudformation/template.ts';
import { createHttpsGet, createHttpsPost } from '../../emulator/https.ts';
import type { Refusal } from '../../emulator/iam/iam.ts';
import type { Delivery } from '../../emulator/sns/delivery.ts';
import { tools } from '../../lambdas/tools/index.ts';
import { BUNDLE_OPTIONS, type Bundles, buildWithLogger, foldersIn } from '../../lib/bundle.ts';
import type { ListedTool } from '../../lib/listed-tool.ts';
import type { Settings } from '../../lib/settings.ts';
import { readBoundary } from '../../local/boundary.ts';
import { makeDatabase, startPostgres } from '../../local/postgres.ts';
import { createPager } from '../../local/receivers/pager.ts';
import { serveReceiver } from '../../local/receivers/serve-receiver.ts';
import { readLocalSettings } from '../../local/settings.ts';
import { startShop } from '../../local/shop/shop.ts';
import { synthesize } from '../../local/synthesize.ts';
import { editTemplate, type TemplateEdit } from '../../local/template-edits.ts';
import { PLACE } from './small-cloud.ts';
import { root } from './source-files.ts';

/** What was refused, delivered and lost while a template ran. */
export interface CloudEvents {
  refusals: Refusal[];
  deliveries: Delivery[];
  losses: string[];
}

/** Bundles a tool of a test's own, by its file in this folder, as the tools of the list are bundled. */
const bundleTool = (file: string, folder: string): string => {
  const entryPoints = [{ in: join(import.meta.dirname, file), out: 'index' }];
  buildWithLogger({ ...BUNDLE_OPTIONS, entryPoints, outdir: folder });
  return folder;
};

/** What a test has of its own, beside what the app has. */
interface OwnParts {
  /** Code by the keys under which an edit may name it. */
  code?: Record<string, string>;
  /** A tool that is deployed with those of the list, and its file in `test/support`. */
  tool?: ListedTool & { file: string };
}

/**
 * The app's own template, with a database, a shop and a pager, to be run repeatedly with different edits. It is
 * synthesized when it first runs.
 */
export const prepareTemplate = async (more: Partial<Settings> = {}, { code = {}, tool }: OwnParts = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-template-'));
  chmodSync(folder, 0o755);
  for (const [key, text] of Object.entries(code)) {
    mkdirSync(join(folder, key));
    writeFileSync(join(folder, key, 'index.mjs'), text);
  }
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 });
  await makeDatabase(postgres);
  const certificate = await makeCertificate();
  const pager = await serveReceiver(createPager(), certificate);
  const shop = await startShop();
  const settings = readLocalSettings(join(root, 'cdk.json'), {
    shopUrl: shop.url,
    pagerUrl: pager.url,
    url: 'http://localhost',
  });
  const { folder: bundled, version } = inject('bundles');
  const folders = foldersIn(bundled);
  const ownTool = tool && bundleTool(tool.file, join(folder, 'tool'));
  const bundles: Bundles = {
    ...folders,
    tool: (name) => (ownTool !== undefined && name === tool?.facts.name ? ownTool : folders.tool(name)),
    ...{ version, dispose: () => {} },
  };
  const given = { bundles, ...(tool && { tools: [...tools, tool] }) };
  const base: Settings = { ...settings, topicEncryption: 'key', smokeTest: false, ...more };

  /**
   * The template with other settings. `withEdit` runs the edited template until `check` has ended; it rejects when the
   * edited template cannot be deployed.
   */
  const withSettings = (changed: Partial<Settings> = {}) => {
    let synthesized: Assembly | undefined;
    const withEdit = async (
      edit: TemplateEdit,
      check: (cloud: Cloud, events: CloudEvents) => Promise<void> = async () => {},
    ): Promise<void> => {
      synthesized ??= synthesize({ ...base, ...changed }, mkdtempSync(join(folder, 'cdk.out-')), given);
      const assembly = synthesized;
      const stacks = structuredClone(assembly.stacks);
      editTemplate(stacks, edit);
      const events: CloudEvents = { refusals: [], deliveries: [], losses: [] };
      const cloud = await startCloud({
        place: PLACE,
        clock: createRealClock(),
        assembly: { ...assembly, stacks, asset: (key) => (key in code ? join(folder, key) : assembly.asset(key)) },
        folder: mkdtempSync(join(folder, 'run-')),
        certificate,
        serverUrl: postgres.socketUrl,
        accountPolicies: readBoundary({ ...base, ...changed }, PLACE),
        post: createHttpsPost(certificate.cert),
        get: createHttpsGet(certificate.cert),
        onTransition: () => {},
        onDelivery: (delivery) => events.deliveries.push(delivery),
        onRefusal: (refusal) => events.refusals.push(refusal),
        onLoss: (loss) => events.losses.push(loss),
      });
      try {
        await check(cloud, events);
      } finally {
        await cloud.stop();
      }
    };
    return { withEdit };
  };

  return {
    ...withSettings(),
    withSettings,

    /** The rows of a statement that the superuser runs. */
    rows: async (statement: string): Promise<Record<string, unknown>[]> => {
      const client = new pg.Client(new URL('/toolwatch', postgres.url).href);
      await client.connect();
      try {
        return (await client.query(statement)).rows;
      } finally {
        await client.end();
      }
    },

    /** Signs in to the store's database as the superuser. */
    databaseUrl: new URL('/toolwatch', postgres.url).href,

    certificate,

    clear: async (): Promise<void> => {
      await Promise.all([pager.stop(), shop.close(), postgres.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
