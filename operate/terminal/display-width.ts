/** What takes two columns of a terminal: East Asian wide and full-width characters, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
/** What takes none: marks on the letter before, and characters that only join or direct others. */
const WITHOUT_WIDTH = /^[\p{M}\p{Cf}]+$/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const widthOfGrapheme = (text: string): number => {
  if (WITHOUT_WIDTH.test(text)) return 0;
  return WIDE.test(text) ? 2 : 1;
};

/** How many columns of a terminal a line takes. */
export const measureWidth = (line: string): number => {
  if (/^[ -~]*$/.test(line)) return line.length;
  return [...graphemes.segment(line)].reduce((width, { segment }) => width + widthOfGrapheme(segment), 0);
};

/** The beginning of a line that takes at most so many columns, with a mark where it was cut. */
export const cutToWidth = (line: string, limit: number): string => {
  if (measureWidth(line) <= limit) return line;
  let width = 0;
  let cut = '';
  for (const { segment } of graphemes.segment(line)) {
    width += widthOfGrapheme(segment);
    if (width > limit - 1) break;
    cut += segment;
  }
  return `${cut}…`;
};
