/** What functions of another app import as `toolwatch/observe`. */
export { defineTool, type ErrorResult, type Tool, type ToolHooks } from './define-tool.ts';
export { type ObserveOptions, observe } from './observe.ts';
export { type HandlerOptions, observed, observeHandler } from './observe-handler.ts';
export type { FetchOptions, ToolContext, WorkContext } from './tool-context.ts';
export { ToolError, type ToolErrorOptions } from './tool-error.ts';
