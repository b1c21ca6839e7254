import type { IncidentFacts } from '../../contract/incident-facts.ts';
import type { Notice } from '../../contract/notice.ts';
import type { NoticeLinks } from '../../contract/notice-links.ts';
import type { RunbookAdvice } from '../../contract/runbook.ts';
import type { Topology } from '../incidents/causes.ts';

/** What a deployment's notices are made with. */
export interface WordsContext {
  readonly place: Notice['place'];
  readonly links: NoticeLinks;
  readonly advice: RunbookAdvice;
  readonly topology: Topology;
}

/** What the store knows of an incident; or, as a part of a sentence, why nothing is known. */
export type KnownFacts = IncidentFacts | { readonly missing: string };

export const NOT_ASKED: KnownFacts = { missing: 'the store was not asked' };
