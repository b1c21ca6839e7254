import type { ComponentChildren } from 'preact';
import type { PollState } from '../data/use-polling.ts';
import { formatNumber } from '../words/format.ts';

/** The last known figures stay while the store does not answer; that they are old is said. */
const Problem = ({ problem, hasAnswer }: { problem: string; hasAnswer: boolean }) => (
  <p class="problem">
    {problem}
    {hasAnswer && ' The figures below are the last ones received.'}
  </p>
);

interface ReportProps<Answer> {
  readonly of: PollState<Answer>;
  readonly children: (answer: Answer) => ComponentChildren;
}

/** An answer as it is shown, or in its place what became of the question. */
export const Report = <Answer,>({ of: { answer, problem, isForbidden }, children }: ReportProps<Answer>) => {
  if (problem !== undefined && isForbidden) return <p class="note refused">{problem}</p>;
  if (answer === undefined && problem === undefined) return <p class="note loading">Loading…</p>;
  return (
    <>
      {problem !== undefined && <Problem problem={problem} hasAnswer={answer !== undefined} />}
      {answer !== undefined && children(answer)}
    </>
  );
};

/** What is said below a list that stops before its end: how much more there is, and where. */
export const More = ({ children }: { children: ComponentChildren }) => <p class="note more">{children}</p>;

interface ShownProps {
  readonly count: number;
  readonly total: number;
  /** Which of all are shown. */
  readonly which: string;
}

/** What is said below a list of which only the first rows are answered; nothing below a whole one. */
export const Shown = ({ count, total, which }: ShownProps) =>
  count < total ? (
    <More>
      {formatNumber(count)} of {formatNumber(total)} are shown: {which}. The figures above are of all.
    </More>
  ) : null;

/** What stands where a list would be. */
export const Nothing = ({ children }: { children: ComponentChildren }) => <p class="note nothing">{children}</p>;
