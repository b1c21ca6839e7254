/** The alias of a tool's function that callers use: the version that is live, or two while one takes over from the other. */
export const LIVE = 'live';
