import { Time } from '../../parts/time.tsx';
import type { FiringAlarm } from '../../tools/alarms-of.ts';
import { wordsOfCondition } from '../../tools/tool-status.ts';

/** What fires about a tool, why, and what to do. */
export const FiringAlarms = ({ firing }: { firing: readonly FiringAlarm[] }) => (
  <>
    {firing.map(({ name, condition, since, severity, reason, alarm }) => (
      <div key={name} class={`trouble ${severity}`}>
        <p>
          <strong>{wordsOfCondition(condition)}</strong>{' '}
          {since !== undefined && (
            <>
              since <Time at={since} />
            </>
          )}{' '}
          <code>{name}</code>
        </p>
        <p class="note">{reason}</p>
        {alarm.runbook.advice && (
          <p>
            {alarm.runbook.advice}{' '}
            {alarm.runbook.url && (
              <a href={alarm.runbook.url} rel="noreferrer">
                Runbook
              </a>
            )}
          </p>
        )}
      </div>
    ))}
  </>
);
