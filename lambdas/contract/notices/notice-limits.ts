/** The limits of a notice, in characters. No zod here, because tools that send notices load this. */

export const MAX_TITLE = 300;
export const MAX_LINE = 1_000;
export const MAX_LINES = 8;
export const MAX_LINKS = 4;
export const MAX_LINK_TITLE = 60;
/** Of the key by which notices of somebody's own are about one thing. */
export const MAX_THREAD_KEY = 128;
