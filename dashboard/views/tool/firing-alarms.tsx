import type { Fault } from '../../../lambdas/contract/vocabulary.ts';
import { Time } from '../../parts/time.tsx';
import { WhatToDo } from '../../parts/what-to-do.tsx';
import type { FiringAlarm } from '../../tools/alarms-of.ts';
import { wordsOfCondition } from '../../tools/tool-status.ts';

interface FiringAlarmsProps {
  readonly firing: readonly FiringAlarm[];
  /** Whose fault most failures of the tool are, where that is known. */
  readonly fault: Fault | undefined;
}

/** What fires about a tool, why, and what to do. */
export const FiringAlarms = ({ firing, fault }: FiringAlarmsProps) => (
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
        <p>
          <WhatToDo runbook={alarm.runbook} fault={fault} />
        </p>
      </div>
    ))}
  </>
);
