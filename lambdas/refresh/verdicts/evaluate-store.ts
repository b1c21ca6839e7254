import type pg from 'pg';
import type { VERDICT_METRICS } from '../../contract/metrics.ts';
import { readStatement } from '../../database/statements.ts';
import { CONDITIONS, type Condition, evaluateName, type Verdict } from './evaluate-names.ts';
import { type NamedHistory, readHistories } from './read-histories.ts';
import { addHistories, haveCallsStopped } from './stopped-calls.ts';

/** What is wrong with one name, or is proven to be over. */
interface NameVerdict {
  /** As metrics count it: a tool's name, or `kind/name`. */
  name: string;
  condition: keyof typeof VERDICT_METRICS;
  verdict: Exclude<Verdict, 'none'>;
}

export interface StoreVerdicts {
  verdicts: NameVerdict[];
  /** How many more there were: each would be a metric that is billed. */
  leftOut: number;
  callsStopped: boolean;
}

/** So many names at once have one cause, which the first of them show. */
const MAX_VERDICTS = 100;
/** Deliveries and jobs come when there are some, so of other kinds nobody knows how many calls are usual. */
const ONLY_OF_TOOLS: ReadonlySet<Condition> = new Set(['callsVanished']);

/** The name as metrics count it. */
const nameOf = (kind: string, name: string): string => (kind === 'tool' ? name : `${kind}/${name}`);

const evaluateHistory = ({ kind, name, history, limits }: NamedHistory, now: number): NameVerdict[] => {
  const verdicts = evaluateName(history, limits, now);
  return CONDITIONS.flatMap((condition) => {
    const verdict = verdicts[condition];
    if (verdict === 'none' || (kind !== 'tool' && ONLY_OF_TOOLS.has(condition))) return [];
    return [{ name: nameOf(kind, name), condition, verdict }];
  });
};

/** Which names fail in a new way, or have ceased to. The store remembers of which people were notified. */
export const findNewErrors = async (client: pg.ClientBase): Promise<NameVerdict[]> => {
  const { rows } = await client.query<{ kind: string; name: string; verdict: NameVerdict['verdict'] }>(
    readStatement('refresh-new-errors'),
  );
  return rows.map(({ kind, name, verdict }) => ({ name: nameOf(kind, name), condition: 'newErrors', verdict }));
};

interface EvaluateOptions {
  /** The share of failures, 0 to 1, that is allowed to names without limits of their own. */
  readonly otherRate: number;
  readonly now: number;
  /** As `findNewErrors` found them: it waits for whoever counts calls, and the rest does not. */
  readonly newErrors: readonly NameVerdict[];
}

/** Evaluates every name in the store. What holds comes before what is over, so that it is not what is left out. */
export const evaluateStore = async (
  client: pg.ClientBase,
  { otherRate, now, newErrors }: EvaluateOptions,
): Promise<StoreVerdicts> => {
  const histories = await readHistories(client, otherRate);
  const all = [...histories.flatMap((named) => evaluateHistory(named, now)), ...newErrors];
  const ordered = [
    ...all.filter(({ verdict }) => verdict === 'holds'),
    ...all.filter(({ verdict }) => verdict === 'over'),
  ];
  const tools = histories.filter(({ kind }) => kind === 'tool').map(({ history }) => history);
  return {
    verdicts: ordered.slice(0, MAX_VERDICTS),
    leftOut: Math.max(0, ordered.length - MAX_VERDICTS),
    callsStopped: haveCallsStopped(addHistories(tools), now),
  };
};
