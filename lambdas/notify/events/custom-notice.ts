import { cutText, toLine } from '../../contract/clean-line.ts';
import { LONE_SURROGATES } from '../../contract/limits.ts';
import type { Notice } from '../../contract/notice.ts';
import type { CustomNotice } from '../../contract/notices/custom-notice.ts';
import { MAX_LINE, MAX_LINK_TITLE, MAX_TITLE } from '../../contract/notices/notice-limits.ts';
import type { Topology } from '../incidents/causes.ts';
import { toForeign } from '../words/clean-text.ts';
import { toThread } from '../words/thread.ts';
import type { CustomStep, CustomThread } from './custom-thread.ts';

type Source = CustomNotice['source'];

const MAX_FACT = 300;
const UNTITLED = 'A notice without a title';

/**
 * What identifies a thread: its writer and the writer's key. A tool's threads are of one tenant, so that a notice of one
 * tenant never joins those of another.
 */
export const threadKeyOf = ({ source, thread = '' }: CustomNotice): string =>
  JSON.stringify(source.kind === 'tool' ? ['tool', source.tool, source.tenant_id ?? '', thread] : ['person', thread]);

/** The same in every notice of a thread, from its beginning to its end. */
const nameThread = (notice: CustomNotice, { since }: CustomThread): string => {
  const { source, thread = '' } = notice;
  const writer = source.kind === 'tool' ? [source.tool, ...(source.tenant_id ? [source.tenant_id] : [])] : [];
  const parts = [...writer, thread].map((part) => encodeURIComponent(part.replace(LONE_SURROGATES, '\ufffd')));
  return toThread(`custom/${parts.join('/')}@${new Date(since).toISOString()}`);
};

/** A tool may say what a caller wrote, which can be no link; a person is believed. */
const writeAs = ({ kind }: Source, text: string, limit: number): string =>
  kind === 'tool' ? toForeign(text, limit) : cutText(toLine(text), limit);

const factsOf = ({ source, thread }: CustomNotice, tools: Topology['tools']): Notice['facts'] => {
  const provider =
    source.kind === 'tool' && Object.hasOwn(tools, source.tool) ? tools[source.tool]?.provider : undefined;
  const facts: Record<string, string | undefined> =
    source.kind === 'tool'
      ? {
          tool: source.tool,
          provider,
          tenant: source.tenant_id,
          correlation_id: source.correlation_id,
          trace_id: source.trace_id,
        }
      : { actor: source.actor };
  return Object.fromEntries(
    Object.entries({ ...facts, key: thread }).flatMap(([name, value]) => {
      const fact = value === undefined ? '' : cutText(toLine(value), MAX_FACT);
      return fact === '' ? [] : [[name, fact]];
    }),
  );
};

const STATES: Readonly<Record<CustomStep, Notice['state']>> = {
  notice: 'event',
  opened: 'open',
  repeated: 'open',
  escalated: 'open',
  over: 'over',
};

interface CustomMaterial {
  readonly notice: CustomNotice;
  readonly step: CustomStep;
  /** What the notice joins; undefined for one that is alone. */
  readonly thread: CustomThread | undefined;
  readonly tools: Topology['tools'];
  readonly place: Notice['place'];
}

/** What channels and people are notified because a tool or a person asked for it. */
export const buildCustomNotice = ({ notice, step, thread, tools, place }: CustomMaterial): Notice => {
  const { id, title, lines, links, source } = notice;
  const at = Date.parse(notice.at);
  return {
    id,
    type: `custom.${step}`,
    thread: thread ? nameThread(notice, thread) : id,
    state: STATES[step],
    severity: thread?.severity ?? notice.severity,
    title: writeAs(source, title, MAX_TITLE) || UNTITLED,
    lines: lines.map((line) => writeAs(source, line, MAX_LINE)).filter((line) => line !== ''),
    links: links.map((link) => ({ ...link, title: writeAs(source, link.title, MAX_LINK_TITLE) || 'Link' })),
    facts: factsOf(notice, tools),
    since: thread?.since ?? at,
    at,
    place,
  };
};
