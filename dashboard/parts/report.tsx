import type { ComponentChildren } from 'preact';
import type { PollState } from '../data/use-polling.ts';

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
  if (problem !== undefined && isForbidden) return <p class="note refused">Only an operator sees this. {problem}</p>;
  if (answer === undefined && problem === undefined) return <p class="note loading">Loading…</p>;
  return (
    <>
      {problem !== undefined && <Problem problem={problem} hasAnswer={answer !== undefined} />}
      {answer !== undefined && children(answer)}
    </>
  );
};

/** What stands where a list would be. */
export const Nothing = ({ children }: { children: ComponentChildren }) => <p class="note nothing">{children}</p>;
