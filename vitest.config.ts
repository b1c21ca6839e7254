import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** One project for each folder of tests. test/README.md says what is real in each. */
const project = (name: string, more: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], ...more },
});

/** By default Vitest leaves one processor unused, of two. */
const TOGETHER = { maxWorkers: Math.max(2, availableParallelism() - 1) };

/** For tests that start servers and processes, and wait for them. How long that takes depends on what else runs. */
const onThisMachine = {
  ...TOGETHER,
  testTimeout: 240_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
  test: {
    // The SDK's notice of a Node version that it will need later does not concern these tests.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      project('unit', { ...TOGETHER, testTimeout: 30_000 }),
      project('sql', {
        ...TOGETHER,
        globalSetup: 'test/support/database-server.ts',
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('stack', {
        ...TOGETHER,
        // The CDK takes twelve seconds to load CloudFormation's schemas, in each file. Those that need them say so.
        env: { CDK_VALIDATION: 'false' },
        testTimeout: 120_000,
        hookTimeout: 120_000,
        // The examples import the package by its name, as other apps do.
        alias: {
          'toolwatch/observe': new URL('lambdas/observe/index.ts', import.meta.url).pathname,
          toolwatch: new URL('lib/tool-observability.ts', import.meta.url).pathname,
        },
      }),
      project('package', {
        ...TOGETHER,
        globalSetup: 'test/support/built-package.ts',
        testTimeout: 120_000,
        hookTimeout: 300_000,
      }),
      project('emulator', onThisMachine),
      // On a driven clock, without servers.
      project('scenarios', { ...TOGETHER, testTimeout: 120_000 }),
      project('local', { ...onThisMachine, globalSetup: 'test/support/bundled-code.ts' }),
      project('browser', {
        globalSetup: 'test/support/database-server.ts',
        testTimeout: 120_000,
        hookTimeout: 180_000,
        // One browser at a time: two would slow each other down.
        fileParallelism: false,
        maxWorkers: 1,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
