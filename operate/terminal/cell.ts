/** The colours that words of a table may have on a terminal. */
type CellColour = 'red' | 'yellow' | 'green' | 'dim';

/** A value of a table: a text, or one with a colour on a terminal. */
export type Cell = string | { readonly text: string; readonly colour: CellColour };

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

const COLOURS: Readonly<Record<string, CellColour>> = {
  critical: 'red',
  firing: 'red',
  failed: 'red',
  open: 'red',
  warning: 'yellow',
  no_data: 'yellow',
  insufficient_data: 'dim',
  quiet: 'yellow',
  ok: 'green',
  healthy: 'green',
  over: 'green',
};

/** A word for a state, in its colour. */
export const stateCell = (word: string): Cell => {
  const colour = Object.hasOwn(COLOURS, word) ? COLOURS[word] : undefined;
  return colour === undefined ? word : { text: word, colour };
};
