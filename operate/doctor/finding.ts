/** Something that is missing or wrong in a deployment. */
export interface Finding {
  /** A sentence that says what. */
  what: string;
  /** What to do about it. */
  remedy: string;
}

/** One question to a deployment. */
export interface Check {
  /** What is looked at, for whoever waits. */
  title: string;
  /** The IAM actions it needs. */
  needs: readonly string[];
  /** Rejects when it could not be asked. */
  findings(): Promise<Finding[]>;
}

export const countNoun = (what: string, remedy: string): Finding => ({ what, remedy });
