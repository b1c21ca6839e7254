import { type Fault, UNREGISTERED } from '../../lambdas/contract/vocabulary.ts';

/** Whose fault a failure is, as in "the caller's fault". */
export const FAULT_WORDS: Readonly<Record<Fault, string>> = {
  caller: 'the caller’s',
  dependency: 'a dependency’s',
  ours: 'our own',
  platform: 'the platform’s',
};

/** What the name means under which everything is counted that has no name of its own. */
export const OTHER_WORDS: Readonly<Record<'tool' | 'group', string>> = {
  tool: 'Calls of tools that do not exist here. Callers choose such names, so they are counted together.',
  group: 'What has no group of its own, because there are too many different failures or names.',
};

/** True for the name of what has no name of its own. */
export const isOther = (name: string): boolean => name === UNREGISTERED;
