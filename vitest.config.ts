import { defineConfig } from 'vitest/config';

/** One folder of tests, one project: what is real in it and what it asks is said in docs/architecture.md. */
const project = (name: string, more: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], ...more },
});

/** Servers and processes of one machine, which two files at once would slow down. */
const onThisMachine = {
  testTimeout: 120_000,
  hookTimeout: 180_000,
  fileParallelism: false,
  // What is waited for comes as soon as it can; how soon depends on what else runs.
  expect: { poll: { timeout: 30_000 } },
};

export default defineConfig({
  test: {
    // The SDK's notice of what a coming year will need says nothing about the test at hand.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      project('unit'),
      project('sql', { globalSetup: 'test/support/database-server.ts', testTimeout: 60_000, hookTimeout: 60_000 }),
      project('stack', {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        // Examples import the package by its name, as other people's apps do.
        alias: {
          'toolwatch/observe': new URL('lambdas/observe/index.ts', import.meta.url).pathname,
          toolwatch: new URL('lib/tool-observability.ts', import.meta.url).pathname,
        },
      }),
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
