import type { Failure } from '../failure/failure.ts';
import { toSourcePosition } from '../failure/source-positions.ts';
import { removeLeakedArguments } from './argument-leakage.ts';
import { redactValue, toPlainText } from './redact.ts';

const MAX_FRAMES = 8;
const MAX_FRAME_LENGTH = 200;

const FRAME = /^\s+at .*(?::\d+|<anonymous>|native)\)?$/;

function framesIn(text: string): string[] {
  return text.split('\n').filter((line) => FRAME.test(line));
}

/**
 * The innermost frames of a failure's stack. The message stands above them and may have lines that look like frames; it
 * is left out. Where it was changed after the error was made, so that it cannot be distinguished from the frames, these
 * are cleaned of the strings in `args` like the message itself.
 */
export function readStackFrames(
  { stack = '', message }: Failure,
  args: unknown,
  declared: ReadonlySet<string>,
): string[] {
  const at = stack.indexOf(message);
  const frames = at < 0 ? framesIn(stack) : framesIn(stack.slice(at + message.length));
  return frames
    .slice(0, MAX_FRAMES)
    .map((frame) => (at < 0 ? removeLeakedArguments(frame, args, declared) : frame))
    .map(toSourcePosition)
    .map((frame) => toPlainText(frame.trim(), MAX_FRAME_LENGTH));
}

/**
 * A failure as it may be written: without strings from the arguments. `declared` are the names that the tool itself
 * uses.
 */
export function rewriteFailure(failure: Failure, args: unknown, declared: ReadonlySet<string>): Failure {
  if (!failure.untrusted) return failure;
  return {
    ...failure,
    type: failure.stack ? removeLeakedArguments(failure.type, args, declared) : failure.type,
    message: removeLeakedArguments(failure.message, args, declared),
  };
}

function readPath(value: unknown, keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    const hasKey = typeof found === 'object' && found !== null && Object.hasOwn(found, key);
    found = hasKey ? (found as Record<string, unknown>)[key] : undefined;
  }
  return found;
}

/** The redacted values at dotted paths of `value`, by path; paths that do not exist are omitted. */
export function pickAllowedPaths(value: unknown, paths: readonly string[]): Record<string, unknown> {
  const entries = paths.flatMap((path) => {
    const keys = path.split('.');
    const found = readPath(value, keys);
    if (found === undefined) return [];
    // Redacted together with its key, because a sensitive key hides any value.
    const redacted = redactValue({ [keys.at(-1) ?? path]: found }) as object;
    return [[path, Object.values(redacted)[0]] as const];
  });
  return Object.fromEntries(entries);
}
