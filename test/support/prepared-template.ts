import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makeCertificate } from '../../emulator/certificate.ts';
import { realClock } from '../../emulator/clock.ts';
import { type Cloud, startCloud } from '../../emulator/cloud.ts';
import type { Assembly } from '../../emulator/cloudformation/template.ts';
import { createHttpsGet } from '../../emulator/get.ts';
import type { Refusal } from '../../emulator/iam/iam.ts';
import { createHttpsPost } from '../../emulator/post.ts';
import type { Delivery } from '../../emulator/sns/delivery.ts';
import type { Settings } from '../../lib/settings.ts';
import { startPager } from '../../local/pager.ts';
import { makeDatabase, startPostgres } from '../../local/postgres.ts';
import { readLocalSettings } from '../../local/settings.ts';
import { startShop } from '../../local/shop/shop.ts';
import { synthesize } from '../../local/synthesize.ts';
import { editTemplate, type TemplateEdit } from '../../local/template-edits.ts';
import { PLACE } from './small-cloud.ts';
import { root } from './source-files.ts';

export interface CloudEvents {
  refusals: Refusal[];
  deliveries: Delivery[];
  losses: string[];
}

/** The app's own template, made when it is first run, to be run again and again with something cut out of it; with the database and the people behind it. */
export const prepareTemplate = async (more: Partial<Settings> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-arrows-'));
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 });
  await makeDatabase(postgres);
  const certificate = await makeCertificate();
  const pager = await startPager(certificate);
  const shop = await startShop();
  const settings = readLocalSettings(join(root, 'cdk.json'), { shopUrl: shop.url, pagerUrl: pager.url });
  const base: Settings = { ...settings, topicEncryption: 'key', smokeTest: false, ...more };

  /** The template under these settings. `without` runs it as a cut leaves it, and ends it after `look`; it rejects when it cannot be deployed so. */
  const under = (changed: Partial<Settings> = {}) => {
    let made: Assembly | undefined;
    const without = async (
      cut: TemplateEdit,
      look: (cloud: Cloud, told: CloudEvents) => Promise<void> = async () => {},
    ): Promise<void> => {
      made ??= synthesize({ ...base, ...changed }, mkdtempSync(join(folder, 'cdk.out-')));
      const assembly = made;
      const stacks = structuredClone(assembly.stacks);
      editTemplate(stacks, cut);
      const told: CloudEvents = { refusals: [], deliveries: [], losses: [] };
      const cloud = await startCloud({
        place: PLACE,
        clock: realClock(),
        assembly: { ...assembly, stacks },
        folder: mkdtempSync(join(folder, 'run-')),
        certificate,
        serverUrl: postgres.url,
        post: createHttpsPost(certificate.cert),
        get: createHttpsGet(certificate.cert),
        onTransition: () => {},
        onDelivery: (one) => told.deliveries.push(one),
        onRefusal: (one) => told.refusals.push(one),
        onLoss: (one) => told.losses.push(one),
      });
      try {
        await look(cloud, told);
      } finally {
        await cloud.stop();
      }
    };
    return { without };
  };

  return {
    ...under(),
    under,

    /** Rows of a statement, as the database's superuser. */
    rows: async (statement: string): Promise<Record<string, unknown>[]> => {
      const client = new pg.Client(new URL('/toolwatch', postgres.url).href);
      await client.connect();
      try {
        return (await client.query(statement)).rows;
      } finally {
        await client.end();
      }
    },

    /** The superuser's, on the store's database. */
    databaseUrl: new URL('/toolwatch', postgres.url).href,

    certificate,

    clear: async (): Promise<void> => {
      await Promise.all([pager.stop(), shop.close(), postgres.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
