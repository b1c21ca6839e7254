import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { chooseAdvice } from '../../lambdas/contract/runbook.ts';
import type { Fault } from '../../lambdas/contract/vocabulary.ts';

interface WhatToDoProps {
  readonly runbook: AlarmReport['runbook'];
  /** Whose fault most failures are, where that is known. */
  readonly fault: Fault | undefined;
}

/** What the runbook says to do first about an alarm, as messages say it, and the way to the rest of it. */
export const WhatToDo = ({ runbook: { heading, url, advice, advice_by_fault }, fault }: WhatToDoProps) => (
  <>
    {advice !== null && chooseAdvice({ sentence: advice, byFault: advice_by_fault }, fault)}{' '}
    {url === null ? (
      <span class="note">
        Runbook: <code>{heading}</code>
      </span>
    ) : (
      <a href={url} rel="noreferrer">
        Runbook: {heading}
      </a>
    )}
  </>
);
