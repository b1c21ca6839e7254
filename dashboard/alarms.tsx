import type { LocalState } from './reports.ts';
import { formatAgo, formatClock } from './words.ts';

const SHOWN_DELIVERIES = 8;

/** Who has been told of what: on this machine, where alarms and messages end here. */
export const Alarms = ({ state, now }: { state: LocalState; now: number }) => {
  const alarms = state.alarms
    .filter(({ state: one }) => one === 'ALARM')
    .sort((a, b) => a.severity.localeCompare(b.severity) || b.since.localeCompare(a.since));
  const deliveries = state.deliveries
    // Every alarm begins by finding out that all is well; nobody wants to read that.
    .filter(({ message }) => message.OldStateValue !== 'INSUFFICIENT_DATA' || message.NewStateValue !== 'OK')
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, SHOWN_DELIVERIES);
  return (
    <section class="alarms" aria-labelledby="alarms-heading">
      <div>
        <h2 id="alarms-heading">Alarms</h2>
        {alarms.length === 0 ? (
          <p class="note">None of {state.alarms.length} alarms is ringing.</p>
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
        <h2>Who was told</h2>
        {deliveries.length === 0 ? (
          <p class="note">Nobody yet: nothing has happened.</p>
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
