/** What a program's exit code means; a program that could not do its work exits with 2 as well. */
export const EXIT = { ok: 0, wrong: 1, usage: 2 } as const;

/** The message of an error. That of a refused connection is empty: its causes have the words. */
export const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
};

/** Runs a program to its exit code. An error is printed as its message, without a stack trace. */
export const runProgram = async (main: () => number | Promise<number>): Promise<void> => {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = EXIT.usage;
  }
};
