import type { Clock } from '../emulator/clock.ts';
import type { Topology } from '../lambdas/notify/incidents/causes.ts';
import { isEnd, type StateChange } from '../lambdas/notify/incidents/incident.ts';
import { NO_INCIDENTS, updateIncidents } from '../lambdas/notify/incidents/update-incidents.ts';

/** What a person receives: that something is wrong, or that it is over. */
export interface Page {
  /** The alarm that it is about; if that groups by tool and no notifier names it, followed by a slash and the tool. */
  alarm: string;
  severity: string | undefined;
  state: 'ALARM' | 'OK';
  /** The scenario's minute; negative in the time before it. */
  minute: number;
}

type SendPage = (page: Omit<Page, 'minute'>) => void;

/** Whoever alarms notify. */
interface Recipient {
  receive(change: StateChange): void;
  passMinute(): void;
}

/** People, who get a page for each change. */
export const createPeople = (send: SendPage): Recipient => ({
  receive: ({ alarm, severity, state }) => send({ alarm, severity, state }),
  passMinute: () => {},
});

/** The notifier, from which people get a page for each message about an incident. */
export const createNotifier = (send: SendPage, clock: Clock, topology: Topology): Recipient => {
  let known = NO_INCIDENTS;
  const update = (changes: readonly StateChange[]): void => {
    const { incidents, messages } = updateIncidents(known, changes, clock.now(), topology);
    known = incidents;
    for (const { alarm, severity, kind } of messages) send({ alarm, severity, state: isEnd(kind) ? 'OK' : 'ALARM' });
  };
  return { receive: (change) => update([change]), passMinute: () => update([]) };
};
