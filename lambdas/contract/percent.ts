/** From here on a decimal says nothing more, in percent; above 90 it does again. */
const WHOLE_FROM = 10;
const WHOLE_TO = 90;

/**
 * A part of a whole in percent, rounded for reading: `40 %`, `2.5 %`. What is not nothing never reads as 0 %, and what is
 * not all never reads as 100 %. A whole of 0 has no parts: `–`.
 */
export const formatPart = (part: number, whole: number): string => {
  if (whole === 0) return '–';
  if (part === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (100 * part) / whole;
  const text = percent >= WHOLE_FROM && percent <= WHOLE_TO ? String(Math.round(percent)) : percent.toFixed(1);
  if (text === '0.0') return '<0.1 %';
  return text === '100.0' ? '>99.9 %' : `${text} %`;
};

/** A limit, 0 to 1, in percent: exactly what it is, without what binary fractions add. */
export const formatLimit = (share: number): string => `${Number((100 * share).toPrecision(12))} %`;
