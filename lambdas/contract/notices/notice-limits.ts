/** The limits of a notice, in characters. No zod here, because tools that ask for notices load this. */

export const MAX_TITLE = 300;
export const MAX_LINE = 1_000;
export const MAX_LINES = 8;
export const MAX_LINKS = 4;
export const MAX_LINK_TITLE = 60;
/** The version of a message in the queue of custom notices. */
export const CUSTOM_NOTICE_SCHEMA = 'toolwatch.custom_notice.v1';

/** Of the key by which notices of somebody's own are about one thing. */
export const MAX_THREAD_KEY = 128;
