import { type Connection, describeBrokenConnection } from '../contract/connections.ts';

/** One arrow of the flow does not carry. The message is one sentence that names it; it is what fails the deployment. */
export class BrokenConnection extends Error {
  override name = 'BrokenArrow';

  constructor(arrow: Connection, why: string) {
    super(describeBrokenConnection(arrow, why));
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Between two looks, in milliseconds. */
const PAUSE_MS = 1_000;

/** Looks again and again, until `look` finds something or the time is over. Throws what the last look threw. */
export const pollUntilFound = async <T>(
  look: () => Promise<T | undefined>,
  patienceMs: number,
): Promise<T | undefined> => {
  const until = performance.now() + patienceMs;
  for (;;) {
    const isLast = performance.now() > until;
    const something = await look().catch((error: unknown) => {
      if (isLast) throw error;
      return undefined;
    });
    if (something !== undefined || isLast) return something;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};
