import { type Advice, type RunbookAdvice, readRunbookSections } from '../../lambdas/contract/runbook.ts';
import { FAULTS } from '../../lambdas/contract/vocabulary.ts';

const WHAT_TO_DO = /^\*\*(?:Do|Look, do)\*\* (?<text>[\s\S]*?)(?=\n\n|(?![\s\S]))/m;
/** Up to a full stop that is followed by a space and a capital letter, as the next sentence begins. */
const SENTENCES = /.+?[.:](?=\s+(?:\*|`?[A-Z])|$)/g;
const LABELLED = /^\*(?<label>[^*]+)\*(?:, [^:]+)?: (?<text>.+)$/;
const REFERENCE = /\bAs for (?<heading>[a-z]+\/[^\s,;.:]+)/i;

/** Markdown as plain text. */
const toPlain = (markdown: string): string =>
  markdown
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll(/\s+/g, ' ')
    .trim();

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What an entry says to do: its first sentence, or one for each fault where the sentences are labelled with faults. */
const adviceIn = (text: string): Advice => {
  const sentences: string[] = text.match(SENTENCES) ?? [text];
  const byFault = Object.fromEntries(
    sentences.flatMap((sentence) => {
      const { label = '', text: advice = '' } = LABELLED.exec(sentence.trim())?.groups ?? {};
      const fault = FAULTS.find((known) => known === label.toLowerCase());
      return fault === undefined ? [] : [[fault, capitalize(advice)]];
    }),
  );
  const withoutMarks = (sentence: string) => sentence.trim().replaceAll(/\*([^*]+)\*/g, '$1');
  if (Object.keys(byFault).length === 0) return { sentence: withoutMarks(sentences[0] ?? text) };
  return { sentence: sentences.map(withoutMarks).join(' '), byFault };
};

/**
 * What the runbook says to do about each alarm, by its heading. Where an entry refers to another's (`As for …`), it is
 * what that one says, because a message has no room for two.
 */
export const readRunbookAdvice = (runbook: string): RunbookAdvice => {
  const texts = new Map(
    [...readRunbookSections(runbook)].flatMap(([heading, body]) => {
      const text = WHAT_TO_DO.exec(body)?.groups?.text;
      return text === undefined ? [] : [[heading, toPlain(text)] as const];
    }),
  );
  const adviceFor = (heading: string, seen: readonly string[]): Advice => {
    const text = texts.get(heading) ?? '';
    const referred = REFERENCE.exec(text)?.groups?.heading;
    const isFirst = referred !== undefined && text.toLowerCase().startsWith('as for');
    if (isFirst && texts.has(referred) && !seen.includes(referred)) return adviceFor(referred, [...seen, referred]);
    return adviceIn(text);
  };
  return Object.fromEntries([...texts.keys()].map((heading) => [heading, adviceFor(heading, [heading])]));
};
