import { type Connection, describeBrokenConnection } from '../contract/connections.ts';

/** A connection of the flow that does not work. Its message is one sentence that names it, and fails the deployment. */
export class BrokenConnection extends Error {
  override name = 'BrokenConnection';

  constructor(connection: Connection, why: string) {
    super(describeBrokenConnection(connection, why));
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Between two attempts, in milliseconds. */
const PAUSE_MS = 1_000;

/**
 * Repeats `find` until it finds something or the time is over; undefined when it found nothing. Throws when the last
 * attempt does.
 */
export const pollUntilFound = async <T>(
  find: () => Promise<T | undefined>,
  timeoutMs: number,
): Promise<T | undefined> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const isLast = performance.now() > deadline;
    const result = await find().catch((error: unknown) => {
      if (isLast) throw error;
      return undefined;
    });
    if (result !== undefined || isLast) return result;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};
