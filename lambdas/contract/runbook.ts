import { nameAlarm } from './alarms/alarm-name.ts';
import type { Fault } from './vocabulary.ts';

/** The conditions that one alarm reports of every tool. */
const OF_ALL_TOOLS = 'trickle|burning-fast|burning-slowly|calls-vanished|new-errors';
const CONTRIBUTOR = new RegExp(`^.+/(${OF_ALL_TOOLS})$`);

/** Whether an alarm is what the alarm over all tools reports of one of them. */
export const isOfAllTools = (name: string): boolean => CONTRIBUTOR.test(name);

/**
 * An alarm's heading in the runbook: all tools share one, as do all queues, alert rules, and alarms of another app's own;
 * a composite's parts share the composite's, and contributors that of their alarm.
 */
export const headingOf = (name: string): string =>
  nameAlarm(name)
    .replace(/^(tool|provider|queue|probe|channel)\/[^/]+\//, '$1/*/')
    .replace(/^own\/.*/, 'own/*')
    .replace(CONTRIBUTOR, 'tools/$1')
    .replace(/^alert-rule\/.+\/([^/]+)$/, 'rules/$1')
    .replace(/^hook\/[^/]+\/([^/]+)$/, 'hooks/$1')
    .replace(/^(monitoring\/off)\/.*/, '$1')
    .replace(/\/((long|short)-window|part-\d+)$/, '');

const SECTION = /^### (?<heading>[a-z]+\/\S+)\n(?<body>[\s\S]*?)(?=^#{2,3} |(?![\s\S]))/gm;

/** The runbook's text about each alarm, by its heading, in Markdown. */
export const readRunbookSections = (runbook: string): ReadonlyMap<string, string> =>
  new Map(
    [...runbook.matchAll(SECTION)].map(
      ({ groups: { heading = '', body = '' } = {} }) => [heading, body.trim()] as const,
    ),
  );

/** The anchor that GitHub makes of a heading. */
export const anchorOf = (heading: string): string => heading.replaceAll(/[^a-z0-9_-]/g, '');

/** What to do about an alarm, in a sentence; where that depends on whose fault it is, one for each. */
export interface Advice {
  readonly sentence: string;
  readonly byFault?: Readonly<Partial<Record<Fault, string>>>;
}

/** What to do by whose fault most failures are; in general where that is not known, or makes no difference. */
export const chooseAdvice = ({ sentence, byFault }: Advice, fault: Fault | undefined): string =>
  (fault && byFault?.[fault]) ?? sentence;

/** By heading. */
export type RunbookAdvice = Readonly<Record<string, Advice>>;
