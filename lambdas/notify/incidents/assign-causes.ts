import { causeOf, isDrill, isEvidence, providerOf } from '../../contract/alarms/alarm-name.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import type { Severity } from '../../contract/severity.ts';
import { broaderCauses, STORE } from './causes.ts';
import { findFiringDependents, isFiring, isOn, type Situation, sharedProviderOf } from './situation.ts';

/** CloudWatch evaluates alarms once a minute, those with shorter windows once in each, and those of one cause in any order. */
const evaluationMsOf = ({ topology }: Situation): number => Math.min(MINUTE_MS, topology.windowMs);

/**
 * The cause of an alarm: the broadest that is on, or what the alarm itself is about. A provider is to blame when its own
 * alarm fires and those of several of its tools; with only one tool, that tool. An alarm about a cause that people
 * already know, as severe as it is, stays with it: `reported` has the severity of each. Evidence is about its cause only.
 */
export const assignCause = (name: string, reported: ReadonlyMap<string, Severity>, situation: Situation): string => {
  const own = causeOf(name);
  if (isEvidence(name)) return own;
  const known = reported.get(own);
  if (known === 'critical' || (known === 'warning' && situation.alarms[name]?.severity === 'warning')) return own;
  const broader = broaderCauses(name, situation.topology).find((cause) => cause !== own && isOn(situation, cause));
  if (broader !== undefined) return broader;
  const provider = providerOf(own);
  if (provider !== undefined) {
    const [tool, ...others] = findFiringDependents(situation, provider);
    return tool !== undefined && others.length === 0 ? `tool/${tool}` : own;
  }
  const shared = sharedProviderOf(situation, own);
  if (shared === undefined || !isOn(situation, `provider/${shared}`)) return own;
  const isToBlame = reported.has(`provider/${shared}`) || findFiringDependents(situation, shared).length > 1;
  return isToBlame ? `provider/${shared}` : own;
};

/** How long it is worth waiting for a broader cause before people are notified, in milliseconds. */
export const waitMsOf = (
  { cause, members }: { readonly cause: string; readonly members: readonly string[] },
  severity: Severity,
  situation: Situation,
): number => {
  // A drill tries the path, and waits for its message.
  if (isDrill(cause)) return 0;
  // For what may explain it, or for its own end.
  if (severity === 'warning') return situation.topology.windowMs;
  const evaluationMs = evaluationMsOf(situation);
  // That the store is down follows from other alarms, and so comes after them.
  if (members.some((member) => broaderCauses(member, situation.topology).includes(STORE))) return 2 * evaluationMs;
  if (providerOf(cause) !== undefined) return evaluationMs;
  const shared = sharedProviderOf(situation, cause);
  if (shared === undefined) return 0;
  return isFiring(situation, `provider/${shared}`) ? 2 * evaluationMs : evaluationMs;
};
