import type { TestProject } from 'vitest/node';
import { tools } from '../../lambdas/tools/index.ts';
import { bundle } from '../../lib/bundle.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of every function's code, and the fingerprint of it. */
    bundles: { folder: string; version: string };
  }
}

/** Bundles the code once for all tests that deploy it. */
export default function setup(project: TestProject): () => void {
  const { folder, version, dispose } = bundle(tools);
  project.provide('bundles', { folder, version });
  return dispose;
}
