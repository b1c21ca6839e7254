import type { Transition } from './cloudwatch/alarm-message.ts';
import type { Refusal } from './iam/iam.ts';
import type { Delivery } from './sns/delivery.ts';

/** Receives what happens in the emulator, as it happens. */
export interface Listener {
  /** An alarm changed its state, which it publishes to these. */
  onTransition(transition: Transition, actions: readonly string[]): void;
  onDelivery(delivery: Delivery): void;
  onRefusal(refusal: Refusal): void;
  /** Something is lost that AWS would have lost as well, or a request is not supported here. */
  onLoss(description: string): void;
  /** A line was written to a log group. */
  onLog?(line: string, group: string): void;
  /** The traffic of an alias has shifted a step from one version to the next. */
  onShift?(sentence: string): void;
}
