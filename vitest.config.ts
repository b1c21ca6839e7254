import { defineConfig } from 'vitest/config';

/** One project for each folder of tests. test/README.md says what is real in each. */
const project = (name: string, more: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], ...more },
});

/** For tests that start servers and processes: two such files at the same time would slow each other down. */
const onThisMachine = {
  testTimeout: 120_000,
  hookTimeout: 180_000,
  fileParallelism: false,
  // How long a wait takes depends on what else the machine does.
  expect: { poll: { timeout: 30_000 } },
};

export default defineConfig({
  test: {
    // The SDK's notice of a Node version that it will need later does not concern these tests.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      project('unit', { testTimeout: 30_000 }),
      project('sql', { globalSetup: 'test/support/database-server.ts', testTimeout: 60_000, hookTimeout: 60_000 }),
      project('stack', {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        // The examples import the package by its name, as other apps do.
        alias: {
          'toolwatch/observe': new URL('lambdas/observe/index.ts', import.meta.url).pathname,
          toolwatch: new URL('lib/tool-observability.ts', import.meta.url).pathname,
        },
      }),
      // Each file builds the package, into the same folder.
      project('package', { testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false }),
      project('emulator', onThisMachine),
      project('scenarios', onThisMachine),
      project('local', onThisMachine),
      project('browser', {
        globalSetup: 'test/support/database-server.ts',
        testTimeout: 120_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
    ],
  },
});
