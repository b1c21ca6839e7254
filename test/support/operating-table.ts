import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../lib/settings.ts';
import { makeCertificate } from '../../local/certificate.ts';
import { realClock } from '../../local/clock.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { Refusal } from '../../local/iam.ts';
import { startPager } from '../../local/pager.ts';
import { poster } from '../../local/post.ts';
import { makeDatabase, startPostgres } from '../../local/postgres.ts';
import { localSettings } from '../../local/settings.ts';
import { startShop } from '../../local/shop.ts';
import type { Delivery } from '../../local/sns.ts';
import { synthesize } from '../../local/synthesize.ts';
import type { Template } from '../../local/template.ts';
import { root } from './source-files.ts';
import { PLACE } from './tiny-cloud.ts';

export type Resources = Template['Resources'];
/** A change to a template. */
export type Cut = (resources: Resources) => void;

export interface Told {
  refusals: Refusal[];
  deliveries: Delivery[];
  losses: string[];
}

/** The app's own template, made once, to be run again and again with something cut out of it; with the database and the people behind it. */
export const operatingTable = async (more: Partial<Settings> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-arrows-'));
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 });
  await makeDatabase(postgres);
  const certificate = await makeCertificate();
  const pager = await startPager(certificate);
  const shop = await startShop();
  const settings = localSettings(join(root, 'cdk.json'), { shopUrl: shop.url, pagerUrl: pager.url });
  const assembly = synthesize(
    { ...settings, topicEncryption: 'key', smokeTest: false, ...more },
    join(folder, 'cdk.out'),
  );

  return {
    /** Runs the template as `cut` leaves it, and ends it after `look`. Rejects when it cannot be deployed so. */
    without: async (cut: Cut, look: (cloud: Cloud, told: Told) => Promise<void> = async () => {}): Promise<void> => {
      const stacks = structuredClone(assembly.stacks);
      cut(Object.assign({}, ...stacks.map(({ template }) => template.Resources)));
      for (const { template } of stacks) {
        for (const [id, { Type }] of Object.entries(template.Resources)) {
          if (Type === GONE) delete template.Resources[id];
        }
      }
      const told: Told = { refusals: [], deliveries: [], losses: [] };
      const cloud = await startCloud({
        place: PLACE,
        clock: realClock(),
        assembly: { ...assembly, stacks },
        folder: mkdtempSync(join(folder, 'run-')),
        certificate,
        serverUrl: postgres.url,
        post: poster(certificate.cert),
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
    },

    clear: async (): Promise<void> => {
      await Promise.all([pager.stop(), shop.close(), postgres.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const GONE = 'gone';

/** The one resource of a type in whose id and properties, as JSON, `words` occur. Throws when it is not exactly one. */
export const theOne = (resources: Resources, type: string, words = '') => {
  const found = Object.entries(resources).filter(
    ([id, one]) => one.Type === type && `${id} ${JSON.stringify(one.Properties)}`.includes(words),
  );
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${found.length} of ${type} with ${words}`);
  return only[1];
};

/** Cuts a whole resource out. */
export const resource =
  (type: string, words?: string): Cut =>
  (resources) => {
    theOne(resources, type, words).Type = GONE;
  };

interface Statement {
  Effect: string;
  Action: string | string[];
}
interface Policy {
  PolicyDocument?: { Statement: Statement[] };
  KeyPolicy?: { Statement: Statement[] };
}

/** Cuts what allows an action out of a role, or out of a resource's own policy. */
export const allowance =
  (type: string, words: string, action: string): Cut =>
  (resources) => {
    const { Properties } = theOne(resources, type, words);
    const policies = (Properties.Policies ?? [Properties]) as Policy[];
    let cut = 0;
    for (const document of policies.flatMap(({ PolicyDocument, KeyPolicy }) => PolicyDocument ?? KeyPolicy ?? [])) {
      const allows = ({ Effect, Action }: Statement) => Effect === 'Allow' && [Action].flat().includes(action);
      cut += document.Statement.filter(allows).length;
      document.Statement = document.Statement.filter((one) => !allows(one));
    }
    if (cut === 0) throw new Error(`${words} is allowed no ${action}`);
  };

/** Cuts a right out of a function's role. */
export const right = (functionName: string, action: string): Cut =>
  allowance('AWS::IAM::Role', `"What ${functionName} may do"`, action);
