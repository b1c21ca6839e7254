/** The alias of a tool's function that callers invoke: the live version, or two versions during a rollout. */
export const LIVE = 'live';
