import type { Fault } from '../contract/vocabulary.ts';

/** The maximum size of a telemetry tool's answer, in bytes of JSON: a longer one would crowd a model's context. */
const ANSWER_LIMIT_BYTES = 8_000;
/** Reserved for what is neither an item nor in `rest`, in bytes. */
const FRAME_BYTES = 200;
const MAX_TEXT_LENGTH = 200;

/** The first items that fit into a telemetry answer beside the rest of it, and the number of the others. */
export const fitToLimit = <Item>(
  items: readonly Item[],
  limit: number,
  rest: object = {},
): { shown: Item[]; omitted: number } => {
  const shown: Item[] = [];
  let bytes = FRAME_BYTES + Buffer.byteLength(JSON.stringify(rest));
  for (const item of items.slice(0, limit)) {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > ANSWER_LIMIT_BYTES) break;
    shown.push(item);
  }
  return { shown, omitted: items.length - shown.length };
};

/** `text` in at most 200 characters. */
export const shorten = (text: string): string =>
  text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH - 1)}…`;

/** Faults whose words the failed call's own caller was given; the words of other errors are for the operator. */
const ANSWERED_FAULTS: readonly Fault[] = ['caller', 'dependency'];

/** The words of a failure, as far as a model may read them: whatever stands in them, it may take for an instruction. */
export const messageForModel = ({
  error_message,
  fault,
}: {
  readonly error_message: string | null;
  readonly fault: Fault | null;
}): string | null =>
  error_message !== null && fault !== null && ANSWERED_FAULTS.includes(fault) ? shorten(error_message) : null;
