import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkPages } from '../../scenarios/check-pages.ts';
import { OUR_ALARMS, runScenario } from '../../scenarios/run.ts';
import { scenario, splitBySeed } from '../../scenarios/scenario.ts';
import { createDeployments } from '../../scenarios/stacks.ts';
import { exampleTools } from './example-tools.ts';
import { root } from './source-files.ts';

const traffic = join(root, 'scenarios/traffic');

/** The folders of scenarios, each a kind of problem. */
export const FOLDERS = readdirSync(traffic);

/** The deployment of each scenario. */
export const deploymentOf = createDeployments(
  JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).toolwatch,
  exampleTools,
);

/** Tests that the template's own alarms page as the scenarios of these folders demand. */
export const testFolders = (folders: readonly string[]): void =>
  describe.each(folders)('the template’s own alarms, in scenarios of %s', (folder) => {
    test.each(readdirSync(join(traffic, folder)))('page as the scenario demands: %s', async (file) => {
      const read = scenario.parse(JSON.parse(readFileSync(join(traffic, folder, file), 'utf8')));
      for (const seeded of splitBySeed(read)) {
        const [pages = []] = await runScenario(seeded, deploymentOf(seeded), [OUR_ALARMS]);
        expect(checkPages(seeded, pages).problems, `seed ${seeded.seed}`).toEqual([]);
      }
    });
  });
