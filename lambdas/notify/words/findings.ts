import { cutText, toLine } from '../../contract/clean-line.ts';
import type { Notice } from '../../contract/notice.ts';
import { MAX_LINE, MAX_LINES } from '../../contract/notices/notice-limits.ts';
import { MONITORING_OFF, SELF_CHECK_ID, type SelfCheckState, selfCheckState } from '../../contract/self-check.ts';
import type { TableItems } from '../../monitoring/table-items.ts';
import { isEnd } from '../incidents/incident.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';

type Message = Pick<OutboxMessage, 'message'>;

const PREFIX = `${MONITORING_OFF}/`;

/** The id of the finding of the self-check that a message is about. */
const findingOf = ({ message: { cause } }: Message): string | undefined =>
  cause.startsWith(PREFIX) ? cause.slice(PREFIX.length) : undefined;

/** What the self-check says of its findings, for the messages about them. */
export class Findings {
  private readonly items: Pick<TableItems, 'read'>;
  private known: SelfCheckState['findings'] = [];

  constructor(items: Pick<TableItems, 'read'>) {
    this.items = items;
  }

  /** Reads what was found, if one of the messages is about it. Never rejects: a message is right without it. */
  async load(messages: readonly Message[]): Promise<void> {
    if (!messages.some((message) => findingOf(message) !== undefined)) return;
    this.known = (await this.items.read(SELF_CHECK_ID, selfCheckState).catch(() => undefined))?.findings ?? [];
  }

  /** The notice with what exactly is off and what to do about it, if it is about a finding that lasts. */
  explain(entry: Message, notice: Notice): Notice {
    const id = findingOf(entry);
    const found = this.known.find((finding) => finding.id === id);
    if (!found || isEnd(entry.message.kind)) return notice;
    const lines = [found.what, `Do: ${found.remedy}`].map((line) => cutText(toLine(line), MAX_LINE));
    const others = notice.lines.filter((line) => !line.startsWith('Do: '));
    return { ...notice, lines: [...lines, ...others].slice(0, MAX_LINES) };
  }
}
