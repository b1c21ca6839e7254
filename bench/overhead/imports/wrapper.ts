import { defineTool } from '../../../lambdas/observe/define-tool.ts';

/** The wrapper alone, as every tool loads it. */
export const loaded = defineTool;
