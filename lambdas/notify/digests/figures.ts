import type { Severity } from '../../contract/severity.ts';

/** What a digest counts an incident by. */
export interface DigestedIncident {
  readonly cause: string;
  readonly alarm: string;
  readonly since: number;
  readonly members: number;
  /**
   * The ways on which a digest counts it, and no message of its own is sent; with the severity that it has there. One for
   * warnings does not hear that it became critical.
   */
  readonly ways: Readonly<Record<string, Severity>>;
}

/** An incident as one way knows it. */
export interface CountedIncident extends Omit<DigestedIncident, 'ways'> {
  readonly severity: Severity;
}

/** What a digest says of the incidents that it counts. Serializable as JSON. */
export interface DigestFigures {
  /** How many it has counted, and how many of those are open. */
  readonly total: number;
  readonly open: Readonly<Record<Severity, number>>;
  /** How many ended only for want of data. */
  readonly quiet: number;
  /** How many open ones are about tools, queues and so on; and about tools of each provider. The most first. */
  readonly families: readonly (readonly [family: string, incidents: number])[];
  readonly providers: readonly (readonly [provider: string, incidents: number])[];
  readonly worst: readonly CountedIncident[];
}
