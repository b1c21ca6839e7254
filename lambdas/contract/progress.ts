/** How far a call has come, in MCP's words. */
export interface Progress {
  /** Grows with each report. */
  progress: number;
  total?: number;
  message?: string;
}

/** Our own key in `clientContext.custom`: there when the caller reads progress from the function's stream. */
export const READS_PROGRESS_KEY = 'toolwatchReadsProgress';

/**
 * What a tool's function streams to a caller that reads progress: a line of JSON for each report, and then, without a
 * line feed after it, the reply that other callers receive alone. JSON has no line feeds of its own.
 */
export function formatProgressLine(progress: Progress): string {
  return `${JSON.stringify(progress)}\n`;
}

/** At most one report is sent in this time, in milliseconds: the latest. */
export const PROGRESS_INTERVAL_MS = 500;
/** The longest message of a report, in characters. */
export const PROGRESS_MESSAGE_LENGTH = 200;
