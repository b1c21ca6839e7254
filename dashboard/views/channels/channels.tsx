import { useAnswer } from '../../data/context.ts';
import { askLocalState, type LocalState } from '../../data/local-state.ts';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { joinKey } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { Boards } from './boards.tsx';

const SHOWN_DELIVERIES = 20;

const deliveriesOf = ({ deliveries }: LocalState) =>
  deliveries
    // What the notifier reads from its queue is not sent to people.
    .filter(({ protocol }) => protocol !== 'sqs')
    // Every new alarm reports once that all is well. Those notifications are of no interest.
    .filter(
      ({ message }) =>
        typeof message === 'string' || message.OldStateValue !== 'INSUFFICIENT_DATA' || message.NewStateValue !== 'OK',
    )
    .sort((a, b) => b.at.localeCompare(a.at));

const Deliveries = ({ state }: { state: LocalState }) => {
  const all = deliveriesOf(state);
  if (all.length === 0) return <Nothing>None yet.</Nothing>;
  return (
    <>
      <ul class="plain">
        {all.slice(0, SHOWN_DELIVERIES).map(({ at, protocol, endpoint, subject, outcome, message }) => (
          <li key={joinKey(at, protocol, endpoint, subject)} class={outcome === 'delivered' ? '' : 'undelivered'}>
            <details>
              <summary>
                <Time at={at} /> {subject}
                <span class="note">
                  {' '}
                  {outcome} to {protocol === 'email' ? endpoint : protocol}
                </span>
              </summary>
              <pre>{typeof message === 'string' ? message : JSON.stringify(message, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ul>
      {all.length > SHOWN_DELIVERIES && (
        <More>
          These are the newest {SHOWN_DELIVERIES} of {all.length}.
        </More>
      )}
    </>
  );
};

/** What each channel and inbox shows. For a local run, where stand-ins for them are on this machine. */
export const ChannelsView = () => {
  useTitle('Channels');
  const local = useAnswer(askLocalState());
  return (
    <>
      <h1 class="view-title">Channels</h1>
      <Report of={local}>
        {(state) =>
          state === null ? (
            <Nothing>Only a local run has stand-ins for channels.</Nothing>
          ) : (
            <>
              {(state.channels ?? []).length > 0 && <Boards channels={state.channels ?? []} />}
              <Section title="Inboxes and pagers">
                <Deliveries state={state} />
              </Section>
            </>
          )
        }
      </Report>
    </>
  );
};
