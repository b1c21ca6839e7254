import { type Connection, describeBrokenConnection } from '../contract/connections.ts';

/** A connection of the flow that does not work. Its message is one sentence that names it, and fails the deployment. */
export class BrokenConnection extends Error {
  override name = 'BrokenConnection';

  constructor(connection: Connection, why: string) {
    super(describeBrokenConnection(connection, why));
  }
}

/** An error's words, or those of the error behind it, which say more. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
};
