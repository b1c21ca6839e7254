import type { Logger } from '@aws-lambda-powertools/logger';
import { isDrill } from '../../contract/alarms/alarm-name.ts';
import { SECOND_MS } from '../../contract/durations.ts';
import type { IncidentFacts } from '../../contract/incident-facts.ts';
import { STORE, type Topology } from '../incidents/causes.ts';
import type { Incidents } from '../incidents/update-incidents.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { type KnownFacts, NOT_ASKED } from './context.ts';
import { askAbout, type FactsQuestion } from './facts-question.ts';

/** For how long all messages of a run wait for facts together. */
const BUDGET_MS = 3 * SECOND_MS;
/** Questions at the same time: the api answers ten, and people ask it as well. */
const CONCURRENCY = 4;
/** Questions in one run. In a storm the most severe incidents have facts, and the others go out without. */
const MAX_QUESTIONS = 20;
/** After so many failures the api is not asked again in the same run. */
const MAX_FAILURES = 3;

/** While one of these is an open incident, the store cannot say anything. */
const BLINDING_INCIDENTS = [STORE, 'pipeline/api-failing', 'pipeline/database-full'];

/** The open incident because of which the store is not asked. */
export const blindingIncident = ({ open }: Incidents): string | undefined =>
  open.map(({ cause }) => cause).find((cause) => BLINDING_INCIDENTS.includes(cause));

interface FactsReaderParts {
  /** Asks the store. May take for ever; rejects when `signal` aborts. */
  readonly ask: (question: FactsQuestion, signal: AbortSignal) => Promise<IncidentFacts>;
  readonly topology: Topology;
  readonly logger: Pick<Logger, 'warn'>;
  /** Learns for how many questions of a run there was no answer. */
  readonly onMissing: (questions: number) => void;
  readonly budgetMs?: number;
}

/** What is known about each message, by the message's id. */
export type FactsByMessage = ReadonlyMap<string, KnownFacts>;

const NO_ANSWER: KnownFacts = { missing: 'the store did not answer in time' };
const TOO_MANY: KnownFacts = { missing: 'there are too many incidents at once to ask about each' };

interface Asked {
  readonly question: FactsQuestion;
  readonly key: string;
  readonly isCritical: boolean;
}

/** Reads what the store knows about incidents, within a budget and never at the cost of a message. */
export class FactsReader {
  private readonly parts: FactsReaderParts;

  constructor(parts: FactsReaderParts) {
    this.parts = parts;
  }

  /**
   * Resolves within the budget, whatever the store does, to what is known about each message, or why nothing is. Asks
   * once about each cause; not at all while `blinding` is an open incident. Never rejects.
   */
  async read(entries: readonly OutboxMessage[], blinding: string | undefined): Promise<FactsByMessage> {
    const questions = new Map(entries.map((entry) => [entry.id, this.questionOf(entry)]));
    const asked = new Map([...questions.values()].flatMap((question) => (question ? [[question.key, question]] : [])));
    const answers = blinding === undefined ? await this.askAll([...asked.values()]) : undefined;
    const isBlind: KnownFacts = { missing: `the store cannot answer while ${blinding} lasts` };
    const knownFor = (question: Asked | undefined): KnownFacts => {
      if (!question) return NOT_ASKED;
      return answers ? (answers.get(question.key) ?? NO_ANSWER) : isBlind;
    };
    return new Map([...questions].map(([id, question]) => [id, knownFor(question)]));
  }

  private questionOf({ message, deliveries }: OutboxMessage): Asked | undefined {
    const own = deliveries.find(({ alarm }) => alarm === message.alarm);
    const question = askAbout(message, own?.notification ?? '', this.parts.topology);
    if (!question || isDrill(message.cause)) return undefined;
    return { question, key: JSON.stringify(question), isCritical: message.severity === 'critical' };
  }

  private async askAll(asked: readonly Asked[]): Promise<ReadonlyMap<string, KnownFacts>> {
    const answers = new Map<string, KnownFacts>();
    const inOrder = [...asked].sort((one, other) => Number(other.isCritical) - Number(one.isCritical));
    for (const { key } of inOrder.slice(MAX_QUESTIONS)) answers.set(key, TOO_MANY);
    const waiting = inOrder.slice(0, MAX_QUESTIONS);
    if (waiting.length === 0) return answers;
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const budgetIsSpent = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        controller.abort();
        resolve();
      }, this.parts.budgetMs ?? BUDGET_MS);
    });
    await Promise.race([this.askWaiting(waiting, answers, controller.signal), budgetIsSpent]);
    clearTimeout(timer);
    const missing = asked.length - answers.size;
    if (missing > 0) this.parts.onMissing(missing);
    // What is answered later is not said any more.
    return new Map(answers);
  }

  /** Asks these questions, a few at the same time, and notes the answers. */
  private async askWaiting(waiting: Asked[], answers: Map<string, KnownFacts>, signal: AbortSignal): Promise<void> {
    let failures = 0;
    const askNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        if (signal.aborted || failures >= MAX_FAILURES) return;
        try {
          answers.set(next.key, await this.parts.ask(next.question, signal));
        } catch (error) {
          failures += 1;
          this.parts.logger.warn('The store did not say what it knows about an incident', error as Error);
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, askNext));
  }
}
