const RESET = '\u001b[0m';
const COLOURS: Record<string, string> = {
  TRACE: '\u001b[90m',
  DEBUG: '\u001b[90m',
  INFO: '\u001b[36m',
  WARN: '\u001b[33m',
  ERROR: '\u001b[31m',
  CRITICAL: '\u001b[1;31m',
};

/** True when a person reads the log as it is written. On Lambda and in a pipe, programs do, and they read JSON. */
export const isTerminal = (): boolean =>
  process.stdout.isTTY === true && process.env.AWS_LAMBDA_FUNCTION_NAME === undefined;

/** The same on every entry of a process. */
const OMITTED = ['level', 'message', 'timestamp', 'service', 'sampling_rate', 'xray_trace_id'];

/** A log entry for a person: `18:40:00.123 INFO  order placed  order=17`, coloured by its level unless NO_COLOR is set. */
export const formatForTerminal = (entry: Record<string, unknown>): string => {
  const level = String(entry.level ?? 'INFO');
  const colour = process.env.NO_COLOR ? '' : (COLOURS[level] ?? '');
  const time = /T([\d:.]+)/.exec(String(entry.timestamp))?.[1] ?? '';
  const keys = Object.entries(entry)
    .filter(([key]) => !OMITTED.includes(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const text = [time, level.padEnd(8), String(entry.message ?? ''), ...keys].join(' ');
  return colour === '' ? text : `${colour}${text}${RESET}`;
};
