import type { LocalState } from './reports.ts';
import { ago, clock } from './words.ts';

const URGENCY = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];
const SHOWN_DELIVERIES = 8;

/** Who has been told of what: on this machine, where alarms and messages end here. */
export const Alarms = ({ state, now }: { state: LocalState; now: number }) => {
  const alarms = state.alarms
    .filter(({ state: one }) => one === 'ALARM')
    .sort((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state) || b.since.localeCompare(a.since));
  const deliveries = [...state.deliveries].sort((a, b) => b.at.localeCompare(a.at)).slice(0, SHOWN_DELIVERIES);
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
                <strong>{alarm.name}</strong> <span class="note">{ago(alarm.since, now)}</span>
                <p>{alarm.reason}</p>
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
            {deliveries.map((delivery) => (
              <li key={`${delivery.at}${delivery.target}${delivery.subject}`} class={delivery.ok ? '' : 'undelivered'}>
                <details>
                  <summary>
                    <time dateTime={delivery.at}>{clock(delivery.at)}</time> {delivery.subject}
                    <span class="note">
                      {delivery.ok ? '' : 'not '}to {delivery.target}
                    </span>
                  </summary>
                  <pre>{delivery.body}</pre>
                </details>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
};
