import { toPlainId } from '../line/caller-text.ts';
import { readStackFrames } from '../privacy/privacy.ts';
import { REDACTED, redactText } from '../privacy/redact.ts';
import { isSensitiveKey } from '../privacy/sensitive-keys.ts';

/** Errors caused by errors are shown to this depth. */
const MAX_CAUSES = 3;
const NO_NAMES: ReadonlySet<string> = new Set();

/** An error as an entry shows it: what it is, where it was thrown, and whether a retry may help, where it says so. */
function describeError(error: Error, depth = 0): object {
  const { name, message, stack, code, retryable, cause } = error as Error & { code?: unknown; retryable?: unknown };
  const frames = readStackFrames({ stack, message } as Parameters<typeof readStackFrames>[0], undefined, NO_NAMES);
  return {
    name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof retryable === 'boolean' && { retryable }),
    ...(frames.length > 0 && { stack: frames }),
    ...(cause instanceof Error && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}

/** A key that looks like a secret becomes a hash, so that two of them stay two. */
function redactKeys(value: object): object {
  const entries = Object.entries(value);
  if (entries.every(([key]) => redactText(key) === key)) return value;
  return Object.fromEntries(entries.map(([key, item]) => [redactText(key) === key ? key : toPlainId(key), item]));
}

/** A replacer for `JSON.stringify` that redacts a log entry: values by key and by format, and keys by format. */
export function redactEntry(key: string, value: unknown): unknown {
  if (key !== '' && value !== undefined && isSensitiveKey(key)) return REDACTED;
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Error) return describeError(value);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? redactKeys(value) : value;
}
