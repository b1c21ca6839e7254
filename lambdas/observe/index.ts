/** What functions of another app import as `toolwatch/observe`. */

export type { FetchOptions, ToolContext, WorkContext } from './call/tool-context.ts';
export { defineTool, type ErrorResult, type Tool, type ToolHooks } from './define-tool.ts';
export { ToolError, type ToolErrorOptions } from './failure/tool-error.ts';
export { type ObserveOptions, observe } from './observe.ts';
export { attachObserver as observed, type HandlerOptions, observeHandler } from './observe-handler.ts';
