/** The maximum size of a telemetry tool's answer, in bytes of JSON: a longer one would crowd a model's context. */
const ANSWER_LIMIT_BYTES = 8_000;
/** Reserved for everything in the answer except its items, in bytes. */
const FRAME_BYTES = 200;
const MAX_TEXT_LENGTH = 200;

/** The first items that fit into a telemetry answer, and the number of the others. */
export const fitToLimit = <Item>(items: readonly Item[], limit: number): { shown: Item[]; omitted: number } => {
  const shown: Item[] = [];
  let bytes = FRAME_BYTES;
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
