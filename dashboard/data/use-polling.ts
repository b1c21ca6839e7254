import { useEffect, useState } from 'preact/hooks';
import { SECOND_MS } from '../../lambdas/contract/durations.ts';
import type { Question } from './questions.ts';
import { AccessRefused, Forbidden, NotFound } from './request.ts';

export interface PollState<Answer> {
  /** The last good answer. It remains while later requests fail. */
  answer: Answer | undefined;
  /** Why the latest request failed; undefined when it succeeded. */
  problem: string | undefined;
  /** True when the latest request failed because the reader is unknown, or may not see this. */
  isAccessRefused?: boolean;
  /** True when it failed because this reader may not see this, which asking again does not change. */
  isForbidden?: boolean;
  /** True when the latest request was answered that there is no such thing. */
  isMissing?: boolean;
}

/** Answers that nobody asks for any more, so that whoever goes back sees them at once, and then the present ones. */
const remembered = new Map<string, unknown>();
const MAX_REMEMBERED = 40;

const remember = (address: string, answer: unknown): void => {
  remembered.delete(address);
  remembered.set(address, answer);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
};

const toProblem = (error: unknown, answer: unknown): PollState<unknown> => ({
  answer,
  problem: error instanceof Error ? error.message : String(error),
  isAccessRefused: error instanceof AccessRefused,
  isForbidden: error instanceof Forbidden,
  isMissing: error instanceof NotFound,
});

const isReaderUnknown = ({ isAccessRefused, isForbidden }: PollState<unknown>): boolean =>
  isAccessRefused === true && !isForbidden;

/** One question that is asked again and again for all who ask it, each time when the answer before is there. */
class Poll {
  state: PollState<unknown>;
  private readonly question: Question<unknown>;
  private readonly seconds: number;
  private readonly listeners = new Set<() => void>();
  private underWay: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(question: Question<unknown>, seconds: number) {
    this.question = question;
    this.seconds = seconds;
    this.state = { answer: remembered.get(question.address), problem: undefined };
    document.addEventListener('visibilitychange', this.ask);
    this.ask();
  }

  /** Calls back after each answer; returns how to leave. A poll that everybody has left stops. */
  join(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stop();
    };
  }

  /** Asks at once. What is under way was asked before, and is of no use. */
  readonly askAgain = (): void => {
    this.underWay?.abort();
    this.underWay = undefined;
    this.ask();
  };

  /** Forgets the answer, and what is under way. */
  forget(): void {
    this.underWay?.abort();
    this.state = { answer: undefined, problem: undefined };
  }

  private stop(): void {
    polls.delete(this.question.address);
    document.removeEventListener('visibilitychange', this.ask);
    clearTimeout(this.timer);
    this.underWay?.abort();
    if (this.state.answer !== undefined) remember(this.question.address, this.state.answer);
  }

  private readonly ask = (): void => {
    if (document.hidden || this.underWay || this.state.isForbidden) return;
    clearTimeout(this.timer);
    const aborter = new AbortController();
    this.underWay = aborter;
    const isCurrent = () => !aborter.signal.aborted;
    this.question.ask(aborter.signal).then(
      (answer) => isCurrent() && this.note({ answer, problem: undefined }),
      (error: unknown) => isCurrent() && this.note(toProblem(error, this.state.answer)),
    );
  };

  private note(state: PollState<unknown>): void {
    const wasUnknown = isReaderUnknown(this.state);
    this.underWay = undefined;
    this.timer = setTimeout(this.ask, this.seconds * SECOND_MS);
    // Most answers are as before; then nothing is rendered again.
    if (JSON.stringify(state) === JSON.stringify(this.state)) return;
    this.state = state;
    // Whoever is unknown to one question is to all, and must not go on seeing the answers of the others.
    if (isReaderUnknown(state) && !wasUnknown) for (const poll of polls.values()) if (poll !== this) poll.ask();
    for (const listener of [...this.listeners]) listener();
  }
}

/** What is asked now, by its address. */
const polls = new Map<string, Poll>();

/** Forgets all answers, as when another reader takes over. */
export const forgetAnswers = (): void => {
  remembered.clear();
  for (const poll of polls.values()) poll.forget();
};

/** Asks a question at once, if anybody asks it, as after a change of what it is about. */
export const askAgain = ({ address }: Question<unknown>): void => polls.get(address)?.askAgain();

/**
 * Asks immediately, and again every `seconds` after each answer while the page is visible; undefined asks for nothing.
 * All who ask the same share one request and its answer.
 */
export const usePolling = <Answer>(question: Question<Answer> | undefined, seconds: number): PollState<Answer> => {
  const [, setCount] = useState(0);
  const address = question?.address;
  useEffect(() => {
    if (!question) return;
    const poll = polls.get(question.address) ?? new Poll(question, seconds);
    polls.set(question.address, poll);
    const renderAgain = () => setCount((count) => count + 1);
    renderAgain();
    return poll.join(renderAgain);
  }, [address, seconds]);
  if (address === undefined) return { answer: undefined, problem: undefined };
  const state = polls.get(address)?.state ?? { answer: remembered.get(address), problem: undefined };
  return state as PollState<Answer>;
};
