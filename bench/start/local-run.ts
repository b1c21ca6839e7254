import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Running, type RunOptions, run } from '../../local/run.ts';

type Differing = Pick<RunOptions, 'settingsFile'> & Partial<Pick<RunOptions, 'showsChannels' | 'change'>>;

/** Where in that folder the values of secrets are. */
export const SECRETS = 'secrets';

/**
 * The local run in a folder of its own, which is removed when it is stopped. `prepare` is given the folder, in which it may
 * write files, and says how the run differs from others.
 */
export const startLocalRun = async (
  root: string,
  prepare: (folder: string) => Differing,
): Promise<{ running: Running; stop: () => Promise<void> }> => {
  // Inside the project, because bundles find the AWS SDK in the project's packages.
  const folder = join(root, `.toolwatch-bench-${randomUUID()}`);
  mkdirSync(folder);
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    const running = await run({
      folder: join(folder, 'data'),
      secretsFile: join(folder, SECRETS),
      port: 0,
      postgresPort: 0,
      skipConnectionCheck: true,
      progress: () => {},
      onTransition: () => {},
      onDelivery: () => {},
      onRefusal: () => {},
      onLoss: (loss) => console.log(loss),
      ...prepare(folder),
    });
    const stop = async () => {
      await running.stop();
      removeFolder();
    };
    return { running, stop };
  } catch (error) {
    removeFolder();
    throw error;
  }
};
