import { FIGURES, formatFigure } from '../../contract/alert-rules/figures.ts';
import { toLine } from '../../contract/clean-line.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import type { RuleFacts } from '../../contract/incident-facts.ts';
import { toForeign } from './clean-text.ts';
import { formatCount, formatSpan } from './times.ts';

/** How much of a name is shown, in characters. */
const MAX_NAME = 100;
const MAX_ERROR = 300;

const COMPARISONS: Readonly<Record<RuleFacts['comparison'], string>> = {
  above: 'above',
  at_least: 'at least',
  below: 'below',
  at_most: 'at most',
};

const wordsOfFigure = ({ figure, measure }: RuleFacts): string =>
  `${FIGURES[figure].words}${measure === null ? '' : ` of ${toForeign(measure, MAX_NAME)}`}`;

/** `error rate 12.5 % (above 5 %)`; undefined where no figure is known. */
export const describeRuleFigure = (rule: RuleFacts): string | undefined => {
  if (rule.value === null) return undefined;
  const limit = `${COMPARISONS[rule.comparison]} ${formatFigure(rule.figure, rule.threshold)}`;
  return `${wordsOfFigure(rule)} ${formatFigure(rule.figure, rule.value)} (${limit})`;
};

const describeFinding = ({ figure }: RuleFacts, { tenant_id, name, value }: RuleFacts['findings'][number]): string => {
  const about = [tenant_id, name].flatMap((part) => (part === null ? [] : [toForeign(part, MAX_NAME)])).join(' ');
  return `${about} ${formatFigure(figure, value)}`;
};

const describeFindings = (rule: RuleFacts): string[] => {
  const named = rule.findings.filter(({ tenant_id, name }) => tenant_id !== null || name !== null);
  if (named.length === 0) return [];
  const more = rule.held_for - named.length;
  const list = named.map((finding) => describeFinding(rule, finding)).join(', ');
  return [`It holds for ${list}${more > 0 ? ` and ${more} more` : ''}.`];
};

const describeWindow = ({ window_minutes, calls }: RuleFacts): string[] => {
  if (window_minutes === null) return [];
  const counted = calls === null ? '' : `, with ${formatCount(calls, 'call')}`;
  return [`Counted over the last ${formatSpan(window_minutes * MINUTE_MS)}${counted}.`];
};

/** What a rule means, what it holds for, and what is to be known of it, most important first. */
export const describeRule = (rule: RuleFacts): string[] => [
  ...(rule.description === null ? [] : [toLine(rule.description)]),
  ...(rule.error === null ? [] : [`Why it cannot be evaluated: ${toForeign(rule.error, MAX_ERROR)}`]),
  ...describeFindings(rule),
  ...describeWindow(rule),
  ...(rule.is_baked ? [] : ['It is new or was changed, and is a warning at most during its bake period.']),
];
