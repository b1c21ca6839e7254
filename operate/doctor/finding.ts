/** Something that is missing or wrong in a deployment. */
export interface Finding {
  /** A sentence that says what. */
  what: string;
  /** What to do about it. */
  remedy: string;
}

/** One thing to check in a deployment. */
export interface Check {
  /** What is checked, shown while it runs. */
  title: string;
  /** The IAM actions it needs. */
  needs: readonly string[];
  /** Rejects when it could not be checked. */
  findings(): Promise<Finding[]>;
}

/** The finding in a list that holds one or none. */
export const findingIf = (isWrong: boolean, what: string, remedy: string): Finding[] =>
  isWrong ? [{ what, remedy }] : [];
