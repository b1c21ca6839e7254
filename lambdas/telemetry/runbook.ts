import { readFileSync } from 'node:fs';
import { readRunbookSections } from '../contract/runbook.ts';

let sections: ReadonlyMap<string, string> | undefined;

/** `lib` writes it beside the bundle; from the sources it is read where it is written. */
const readRunbook = (): string => {
  try {
    return readFileSync(new URL('./runbook.md', import.meta.url), 'utf8');
  } catch {
    return readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  }
};

/** What the runbook says under a heading, in Markdown; undefined when it has none like it. */
export const findInRunbook = (heading: string): string | undefined => {
  sections ??= readRunbookSections(readRunbook());
  return sections.get(heading);
};
