import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildPackage } from './packed-package.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The path of the package's tarball. */
    tarball: string;
  }
}

/** Builds the package once, into the folder `dist` of the project, for all tests that install it. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-packed-'));
  project.provide('tarball', buildPackage(folder));
  return () => rmSync(folder, { recursive: true, force: true });
}
