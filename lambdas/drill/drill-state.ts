import { channelThread, type DeliveredNotice } from '../contract/channel-thread.ts';
import {
  DRILL_REPORT_ID,
  type DrillMessage,
  type DrillReport,
  drillMessage,
  idOfDrillMessage,
} from '../contract/drill.ts';
import type { Severity } from '../contract/severity.ts';
import { idOfThread, type TableItems } from '../monitoring/table-items.ts';

/** What the notifier and what delivers have written down, in the notifier's table. */
export class DrillState {
  private readonly items: TableItems;

  constructor(items: TableItems) {
    this.items = items;
  }

  /** The message of the last drill of a severity, if there was one. */
  readMessage(severity: Severity): Promise<DrillMessage | undefined> {
    return this.items.read(idOfDrillMessage(severity), drillMessage);
  }

  /** How far a message came in a channel, if that has taken it. */
  async readDelivery(channel: string, { thread, notice }: DrillMessage): Promise<DeliveredNotice | undefined> {
    const shown = await this.items.read(idOfThread(channel, thread), channelThread);
    return shown?.delivered.find(({ id }) => id === notice);
  }

  writeReport(report: DrillReport): Promise<void> {
    return this.items.write(DRILL_REPORT_ID, report);
  }
}
