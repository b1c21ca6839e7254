import type { Failure } from '../failure/failure.ts';
import { removeLeakedArguments } from './argument-leakage.ts';
import { redactValue, toPlainText } from './redact.ts';

const FRAMES = 8;

/** The innermost frames of a stack, without the message above them. */
export const readStackFrames = (stack: string): string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, FRAMES)
    .map((line) => toPlainText(line.trim(), 200));

/** A failure as it may leave: without the strings that came in as arguments. `declared` are names the tool itself uses. */
export const rewriteFailure = (failure: Failure, args: unknown, declared: ReadonlySet<string>): Failure => {
  if (!failure.untrusted) return failure;
  return {
    ...failure,
    type: failure.stack ? removeLeakedArguments(failure.type, args, declared) : failure.type,
    message: removeLeakedArguments(failure.message, args, declared),
  };
};

/** The values at dotted paths of `value`, redacted, as path to value; what is not there is left out. */
export const pickAllowedPaths = (value: unknown, paths: readonly string[]): Record<string, unknown> => {
  const kept = paths.flatMap((path) => {
    let at: unknown = value;
    for (const key of path.split('.')) {
      at =
        typeof at === 'object' && at !== null && Object.hasOwn(at, key)
          ? (at as Record<string, unknown>)[key]
          : undefined;
    }
    return at === undefined ? [] : [[path, redactValue({ [path.split('.').at(-1) ?? path]: at })] as const];
  });
  return Object.fromEntries(kept.map(([path, held]) => [path, Object.values(held as object)[0]]));
};
