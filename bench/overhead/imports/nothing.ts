/** What loading any bundle costs. */
export const loaded = undefined;
