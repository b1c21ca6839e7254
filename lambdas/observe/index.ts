/** The package entry `toolwatch/observe`, which functions of other apps import. */

export { formatDuration } from '../contract/format-duration.ts';
export type { Finding, Health } from '../contract/health/status.ts';
export type { KnownMetadata, RateLimitKeyType } from '../contract/known-metadata.ts';
export type { OwnMetadata } from './call/annotate.ts';
export { currentCall } from './call/current-call.ts';
export { createDebugFlag } from './call/debug-flag.ts';
export type { Labels } from './call/labels.ts';
export type { RateLimit } from './call/rate-limit.ts';
export type { FetchOptions, RequestContext, ToolContext, WorkContext } from './call/tool-context.ts';
export { defineTool, type Tool } from './define-tool.ts';
export type { HttpExchange } from './event/http-exchange.ts';
export { ToolError, type ToolErrorOptions } from './failure/tool-error.ts';
export {
  type HealthAnswer,
  type HealthCheck,
  type HealthCheckOptions,
  registerHealthCheck,
  runHealthChecks,
} from './health/health-checks.ts';
export { type EntryForm, type LogEntry, setEntryForm } from './log/entry-form.ts';
export { createRequestLogger, type EntryWriter, getLogger, type RequestKeys } from './log/get-logger.ts';
export type { CallLogger } from './log/logger-class.ts';
export { type MeasuredCall, type MeasuredDetails, record } from './measured/record.ts';
export {
  type RuleDetails,
  recordCache,
  recordHttpRequest,
  recordKpi,
  type TrackedRequest,
  trackAPIRequest,
  trackRuleExecution,
  trackWebhookDelivery,
} from './measured/track.ts';
export {
  logOperation,
  measurePerformance,
  observeTool,
  type PerformanceThresholds,
  trackDatabaseOperation,
  type WrapOptions,
} from './measured/wrap.ts';
export { type NotifyOptions, notify } from './notices/notify.ts';
export { type ObserveOptions, observe } from './observe.ts';
export { attachObserver as observed, type HandlerOptions, observeHandler } from './observe-handler.ts';
export { type Counter, counter, type Gauge, gauge, type Histogram, histogram } from './series/own-metrics.ts';
export { flushMetrics } from './series/pending.ts';
export type { SeriesLabels } from './series/series-key.ts';
export type { ErrorResult, ToolHooks } from './tool/behaviour.ts';
