import type { InvocationResult } from './environment.ts';

export interface Logging {
  format: 'JSON' | 'Text';
  applicationLevel: string;
  systemLevel: string;
  group: string;
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * Whether Lambda writes a function's line to its log. In the JSON format, lines below the function's level are dropped,
 * and a JSON line without a level counts as INFO: with a level above INFO, every metric in such lines is lost.
 */
export const passesLogLevel = (line: string, { format, applicationLevel }: Logging): boolean => {
  if (format !== 'JSON' || !line.startsWith('{')) return true;
  try {
    const { level } = JSON.parse(line) as { level?: unknown };
    const rank = LEVELS.indexOf(String(level).toUpperCase());
    return (rank < 0 ? LEVELS.indexOf('INFO') : rank) >= LEVELS.indexOf(applicationLevel);
  } catch {
    return true;
  }
};

export interface CompletedInvocation {
  id: string;
  /** When it ended, in milliseconds. */
  at: number;
  durationMs: number;
  memoryMb: number;
  result: InvocationResult;
}

const statusOf = ({ payload, failed }: InvocationResult): string => {
  if (!failed) return 'success';
  if (payload.includes('"Sandbox.Timedout"')) return 'timeout';
  return payload.includes('"Runtime.ExitError"') ? 'failure' : 'error';
};

/** The platform's own log line about an invocation; undefined when the function's system log level drops it. */
export const formatPlatformLine = (
  { id, at, durationMs, memoryMb, result }: CompletedInvocation,
  { format, systemLevel }: Logging,
): string | undefined => {
  const status = statusOf(result);
  if (format !== 'JSON' || (status === 'success' && systemLevel === 'WARN')) return undefined;
  return JSON.stringify({
    time: new Date(at).toISOString(),
    type: 'platform.report',
    record: {
      requestId: id,
      status,
      metrics: { durationMs: +durationMs.toFixed(2), billedDurationMs: Math.ceil(durationMs), memorySizeMB: memoryMb },
    },
  });
};
