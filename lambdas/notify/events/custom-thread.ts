import type { Notice } from '../../contract/notice.ts';
import type { CustomNotice } from '../../contract/notices/custom-notice.ts';

type NoticeSeverity = Notice['severity'];

/** What a custom notice is to its thread: alone, its beginning, once more, more severe than before, or its end. */
export type CustomStep = 'notice' | 'opened' | 'repeated' | 'escalated' | 'over';

/** What is remembered of a thread. Serializable as JSON. */
export interface CustomThread {
  readonly since: number;
  /** The time of the newest notice. */
  readonly lastAt: number;
  /** The highest that it has had. */
  readonly severity: NoticeSeverity;
  readonly isOver: boolean;
  /** The newest notices that people were notified of, the newest last. One that comes again is the step that it was before. */
  readonly reported: readonly { readonly id: string; readonly step: CustomStep }[];
}

export interface CustomDecision {
  readonly thread: CustomThread;
  /**
   * Undefined for one that says nothing new: it came late, or ends what is over or never began. Whoever does a thing again
   * and again may say each time that it is done.
   */
  readonly step: CustomStep | undefined;
}

const MAX_REPORTED = 20;
const RANKS: Readonly<Record<NoticeSeverity, number>> = { info: 0, warning: 1, critical: 2 };

const higher = (one: NoticeSeverity, other: NoticeSeverity): NoticeSeverity =>
  RANKS[one] < RANKS[other] ? other : one;

const chooseStep = (before: CustomThread | undefined, { severity, resolve }: CustomNotice): CustomStep | undefined => {
  if (!before || before.isOver) return resolve ? undefined : 'opened';
  if (resolve) return 'over';
  return RANKS[severity] > RANKS[before.severity] ? 'escalated' : 'repeated';
};

/** What a notice is to its thread, which queues may bring out of order. Pure. */
export const applyCustomNotice = (before: CustomThread | undefined, notice: CustomNotice): CustomDecision => {
  const again = before?.reported.find(({ id }) => id === notice.id);
  if (before && again) return { thread: before, step: again.step };
  const at = Date.parse(notice.at);
  const isLate = before !== undefined && at < before.lastAt;
  const escalates = before !== undefined && !before.isOver && RANKS[notice.severity] > RANKS[before.severity];
  if (before && isLate && (notice.resolve || !escalates)) return { thread: before, step: undefined };
  const step = chooseStep(before, notice);
  const continues = before !== undefined && !before.isOver;
  // The end says how severe the thread was: whoever was notified of that learns that it is over.
  const severity = continues
    ? higher(before.severity, step === 'over' ? before.severity : notice.severity)
    : notice.severity;
  const reported = before?.reported ?? [];
  return {
    thread: {
      since: continues ? before.since : at,
      lastAt: Math.max(at, before?.lastAt ?? at),
      severity,
      isOver: notice.resolve,
      reported: step === undefined ? reported : [...reported, { id: notice.id, step }].slice(-MAX_REPORTED),
    },
    step,
  };
};
