import type { MessageKind } from '../../contract/incident-line.ts';
import type { Severity } from '../../contract/severity.ts';
import type { DigestFigures } from '../digests/figures.ts';

/** A change of one alarm's state, as its notification tells it. */
export interface StateChange {
  /**
   * The alarm's name without what a deployment puts in front of it; of one contributor, followed by a slash and the
   * contributor's value.
   */
  readonly alarm: string;
  readonly severity: Severity;
  readonly state: 'ALARM' | 'OK';
  /** When the state changed, in milliseconds since 1970: notifications arrive out of order. */
  readonly at: number;
  /** Whether it is OK only because nothing was measured, so that nothing is proven. */
  readonly withoutData?: boolean;
  /** The notification as CloudWatch wrote it. */
  readonly notification: string;
}

/** Whether a message ends its incident. */
export const isEnd = (kind: MessageKind): kind is 'over' | 'quiet' => kind === 'over' || kind === 'quiet';

/** What people are notified of an incident. */
export interface IncidentMessage {
  readonly kind: MessageKind;
  /** Identifies the incident in every message about it. */
  readonly incident: string;
  /** What is wrong: `tool/order_status`, `provider/shop`, `pipeline/store-down`. */
  readonly cause: string;
  /** The highest severity that any of its alarms has had. */
  readonly severity: Severity;
  /** The alarm that the message is about: of those about the cause itself the first of the highest severity. */
  readonly alarm: string;
  /** Every alarm that belongs to the incident, in the order in which they joined it. */
  readonly members: readonly string[];
  /** When the first of its alarms fired, in milliseconds since 1970. */
  readonly since: number;
  /** When the message was decided on. */
  readonly at: number;
  /** The notification of `alarm`. */
  readonly notification: string;
  /** Of a digest, which is in place of the messages about many incidents: what it says of them. */
  readonly digest?: DigestFigures;
}
