import { countDropped } from '../line/stdout.ts';
import { logQuietly } from '../log/call-logger.ts';
import type { Scope } from './scope.ts';

/** A sentence is logged once, and with more different ones than this they are made of data. */
const MAX_SENTENCES = 100;

const logged = new Set<string>();

/**
 * Counts something that the code wanted to record and that is beyond a limit, and says once in the log why it is
 * dropped. Never throws, and nothing else is lost.
 */
export function refuse(scope: Scope | undefined, sentence: string): void {
  countDropped();
  if (logged.has(sentence) || logged.size >= MAX_SENTENCES) return;
  logged.add(sentence);
  logQuietly(scope, 'warn', sentence, {});
}
