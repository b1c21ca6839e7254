/** How much the API answers at most, for those who ask and those who answer. No zod here, because the page loads this. */

/** The longest window of one request, in minutes. */
export const MAX_WINDOW_MINUTES = 7 * 24 * 60;
/** The most rows of one request, for which a list may be asked page by page. */
export const MAX_ROWS = 100;
/** How many providers are shown. */
export const MAX_PROVIDERS = 100;
/** How many domains of a provider are shown, and how many tools. */
export const MAX_PROVIDER_PARTS = 20;
/** How many messages about an incident are shown. */
export const MAX_INCIDENT_MESSAGES = 100;
/** How many changes by hand are shown that were made while an incident lasted. */
export const MAX_INCIDENT_CHANGES = 50;
