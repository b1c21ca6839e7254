import type { Answer } from './environment.ts';

export interface Logging {
  format: 'JSON' | 'Text';
  applicationLevel: string;
  systemLevel: string;
  group: string;
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * Whether Lambda passes a function's line on. In the JSON format lines below the function's level are dropped, and a
 * JSON line that names no level counts as INFO: above INFO that loses every metric.
 */
export const isKept = (line: string, { format, applicationLevel }: Logging): boolean => {
  if (format !== 'JSON' || !line.startsWith('{')) return true;
  try {
    const { level } = JSON.parse(line) as { level?: unknown };
    const rank = LEVELS.indexOf(String(level).toUpperCase());
    return (rank < 0 ? LEVELS.indexOf('INFO') : rank) >= LEVELS.indexOf(applicationLevel);
  } catch {
    return true;
  }
};

export interface Ran {
  id: string;
  at: number;
  durationMs: number;
  memoryMb: number;
  answer: Answer;
}

const statusOf = ({ payload, failed }: Answer): string => {
  if (!failed) return 'success';
  if (payload.includes('"Sandbox.Timedout"')) return 'timeout';
  return payload.includes('"Runtime.ExitError"') ? 'failure' : 'error';
};

/** The platform's own line about an invocation; nothing when the function's system level leaves it out. */
export const platformLine = (
  { id, at, durationMs, memoryMb, answer }: Ran,
  { format, systemLevel }: Logging,
): string | undefined => {
  const status = statusOf(answer);
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
