/** Empty: measures what loading any bundle costs. */
export const loaded = undefined;
