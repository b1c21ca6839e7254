import { formatAgo, formatClock } from './format.ts';
import type { LocalState } from './reports.ts';

const SHOWN_DELIVERIES = 8;

const firingAlarms = ({ alarms }: LocalState) =>
  alarms
    .filter(({ state }) => state === 'ALARM')
    .sort((a, b) => a.severity.localeCompare(b.severity) || b.since.localeCompare(a.since));

const latestDeliveries = ({ deliveries }: LocalState) =>
  deliveries
    // What the notifier reads from its queue is not sent to people.
    .filter(({ protocol }) => protocol !== 'sqs')
    // Every new alarm reports once that all is well. Those notifications are of no interest.
    .filter(({ message }) => message.OldStateValue !== 'INSUFFICIENT_DATA' || message.NewStateValue !== 'OK')
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, SHOWN_DELIVERIES);

/** Firing alarms and their latest notifications. For the local run only, where both are on this machine. */
export const Alarms = ({ state, now }: { state: LocalState; now: number }) => {
  const alarms = firingAlarms(state);
  const deliveries = latestDeliveries(state);
  return (
    <section class="alarms" aria-labelledby="alarms-heading">
      <div>
        <h2 id="alarms-heading">Alarms</h2>
        {alarms.length === 0 ? (
          <p class="note">None of the {state.alarms.length} alarms is firing.</p>
        ) : (
          <ul aria-live="polite">
            {alarms.map((alarm) => (
              <li key={alarm.name} class={`alarm ${alarm.severity}`}>
                <strong>{alarm.name}</strong> <span class="note">{formatAgo(alarm.since, now)}</span>
                <p>{alarm.history.at(-1)?.reason}</p>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div>
        <h2>Notifications</h2>
        {deliveries.length === 0 ? (
          <p class="note">None yet: no alarm has changed its state.</p>
        ) : (
          <ul>
            {deliveries.map(({ at, protocol, endpoint, subject, outcome, message }) => (
              <li key={`${at}${endpoint}${subject}`} class={outcome === 'delivered' ? '' : 'undelivered'}>
                <details>
                  <summary>
                    <time dateTime={at}>{formatClock(at)}</time> {subject.replace(/ in [\w ().]+$/, '')}
                    <span class="note">
                      {outcome} to {protocol === 'email' ? endpoint : protocol}
                    </span>
                  </summary>
                  <pre>{[message.AlarmDescription, message.NewStateReason].filter(Boolean).join('\n')}</pre>
                </details>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
};
