import type { Severity } from '../../contract/severity.ts';
import { broaderCauses, causeOf, dependentsOf, providerOf, type Topology, toolOf } from './causes.ts';
import { findFiringTools, isFiring, isOn, type KnownAlarms } from './known-alarms.ts';

const MINUTE_MS = 60_000;
/** A warning waits for what may explain it, or for its own end. */
const WARNING_WAIT_MS = 5 * MINUTE_MS;
/** Alarms of one cause fire in the same minute, in any order. */
const SAME_MINUTE_MS = MINUTE_MS;
/** The alarm that the store is down follows from others, and so comes after them. */
const STORE_WAIT_MS = 2 * MINUTE_MS;
/** While a provider fails and one of its tools, the other tools may follow at the next evaluation. */
const PROVIDER_WAIT_MS = 2 * MINUTE_MS;

/** The provider that a cause's tool shares with other tools. */
const sharedProviderOf = (cause: string, topology: Topology): string | undefined => {
  const provider = topology.tools[toolOf(cause) ?? '']?.provider;
  return provider !== undefined && dependentsOf(provider, topology).length > 1 ? provider : undefined;
};

/**
 * The cause of each of these alarms: the broadest that is on, or what the alarm itself is about. A provider is to blame
 * when its own alarm fires and those of several of its tools; with only one tool, that tool. An alarm about a cause
 * that people already know, as severe as it is, stays with it.
 */
export const assignCauses = (
  names: readonly string[],
  alarms: KnownAlarms,
  reported: ReadonlyMap<string, Severity>,
  now: number,
  topology: Topology,
): Map<string, string> => {
  const assign = (name: string): string => {
    const own = causeOf(name);
    const known = reported.get(own);
    if (known !== undefined && (known === 'critical' || alarms[name]?.severity === 'warning')) return own;
    const broader = broaderCauses(name, topology).find((cause) => cause !== own && isOn(alarms, cause, now));
    if (broader !== undefined) return broader;
    const shared = sharedProviderOf(own, topology);
    if (shared !== undefined && isOn(alarms, `provider/${shared}`, now)) {
      const isShared =
        reported.has(`provider/${shared}`) || findFiringTools(alarms, dependentsOf(shared, topology)).length > 1;
      if (isShared) return `provider/${shared}`;
    }
    const provider = providerOf(own);
    if (provider === undefined) return own;
    const failing = findFiringTools(alarms, dependentsOf(provider, topology));
    return failing.length === 1 ? `tool/${failing[0]}` : own;
  };
  return new Map(names.map((name) => [name, assign(name)]));
};

/** How long it is worth waiting for a broader cause before people are notified, in milliseconds. */
export const waitMsOf = (
  cause: string,
  members: readonly string[],
  severity: Severity,
  alarms: KnownAlarms,
  topology: Topology,
): number => {
  // A drill proves the path, and is waited for.
  if (cause.startsWith('drill')) return 0;
  if (severity === 'warning') return WARNING_WAIT_MS;
  if (members.some((member) => broaderCauses(member, topology).includes('pipeline/store-down'))) return STORE_WAIT_MS;
  if (providerOf(cause) !== undefined) return SAME_MINUTE_MS;
  const shared = sharedProviderOf(cause, topology);
  if (shared === undefined) return 0;
  return isFiring(alarms, `provider/${shared}`) ? PROVIDER_WAIT_MS : SAME_MINUTE_MS;
};
