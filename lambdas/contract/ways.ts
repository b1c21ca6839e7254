import type { Severity } from './severity.ts';

/** The names of the ways to people, as the notifier, the drill and its reports call them. */
export const topicWay = (severity: Severity): string => `topic ${severity}`;
export const channelWay = (name: string): string => `channel ${name}`;
/** The name of the channel that a way leads to, if it leads to one. */
export const channelOfWay = (way: string): string | undefined => /^channel (.+)$/.exec(way)?.[1];
