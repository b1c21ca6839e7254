#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The SDK's notice of the Node version that it will need later concerns whoever builds this package, not who asks.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// In the repository the command runs from its sources, so that nothing has to be built; in the package it is built.
const source = new URL('toolwatch.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else await import('../dist/toolwatch.mjs');
