/** The most a telemetry tool answers, in bytes of JSON: more would push out of a model's context what it was asked about. */
export const ANSWER_LIMIT_BYTES = 8_000;
/** Kept free for what stands around the items, in bytes. */
const FRAME_BYTES = 200;
const LONGEST_TEXT = 200;

/** The first items that fit a telemetry answer, and how many do not. */
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

/** A text short enough to be read among others. */
export const shorten = (text: string): string =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
